package io.streamgauge.ordersync.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** A process full of clients: one session, journal and stream each, paced together. */
public final class OrderSyncClient implements AutoCloseable {

  /**
   * How many clients of which kind, and how fast; {@code clients} is what their names begin with:
   * those that were there before, by their journals, go on where they were. The first client stops
   * reading acks {@code slowAfterSeconds} after its first one, for {@code slowForSeconds} (0:
   * never). {@code token} is a file whose first line is the bearer token, or null.
   */
  public record Settings(
      String clients,
      int port,
      int streams,
      double ratePerSecond,
      double grayShare,
      int slowAfterSeconds,
      int slowForSeconds,
      int rotateSeconds,
      long pingMillis,
      Path token,
      Path journals) {}

  /**
   * What the clients did, all together; {@code broken} are streams that ended with an error, after
   * which the server may not have received what was sent last.
   */
  public record Totals(
      long streams,
      long broken,
      long sent,
      long pings,
      long acked,
      long refused,
      long again,
      long fallen,
      long missed,
      long unacked,
      long gray,
      Traced traced) {}

  /** What of it is in sampled traces. */
  public record Traced(long orders, long updates, long shipments) {}

  private static final long TICK_MILLIS = 20;
  private static final long KEEPALIVE_SECONDS = 10;
  private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;

  private static final Gauge UNACKED =
      Gauge.build()
          .name("ordersync_client_unacked")
          .help("Updates sent and not yet answered, all streams of this process.")
          .register();

  private static final Gauge DEGRADED =
      Gauge.build()
          .name("ordersync_client_degraded")
          .help("Clients that work from their journals because the server is away.")
          .register();

  private static final Gauge PACE =
      Gauge.build()
          .name("ordersync_client_pace")
          .help("Mean share of the wanted rate at which the clients send, 0 to 1.")
          .register();

  private static final Gauge ACKED =
      Gauge.build()
          .name("ordersync_client_acked")
          .help("Updates answered for good and accepted, all clients of this process.")
          .register();

  static final Counter PAUSES =
      Counter.build()
          .name("ordersync_client_pauses_total")
          .help("Pauses of the first client's consumer, which are on purpose, begun and ended.")
          .labelNames("state")
          .register();

  static {
    PAUSES.labels("begun");
    PAUSES.labels("ended");
  }

  private static final Gauge GIVEN_UP =
      Gauge.build()
          .name("ordersync_client_given_up")
          .help("Streams given up because three heartbeats were not answered, so far.")
          .register();

  private final Settings settings;
  private final EventLoop loop = new EventLoop();
  private final ManagedChannel channel;
  private final OrderContexts contexts;
  private final List<SyncSession> sessions = new ArrayList<>();
  private final List<Journal> journals = new ArrayList<>();
  private long lastTick;
  private boolean pauseBegun;

  /** Acks are withheld, and it is not known yet until when. */
  private boolean pausing;

  public OrderSyncClient(Attachment attachment, Settings settings) throws IOException {
    this.settings = settings;
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()))
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .usePlaintext();
    attachment.install(builder);
    attachment.preregister(OrderSyncGrpc.getServiceDescriptor());
    channel = builder.build();
    BearerToken token = new BearerToken(settings.token());
    contexts = new OrderContexts(attachment.tracer(), settings.grayShare());
    Files.createDirectories(settings.journals());
    for (int i = 0; i < settings.streams(); i++) {
      String id = settings.clients() + "-" + i;
      Path file = settings.journals().resolve(id + ".journal");
      JournalMemory memory = JournalMemory.read(file, id);
      Journal journal = new Journal(file);
      journals.add(journal);
      sessions.add(
          new SyncSession(
              loop,
              channel,
              journal,
              new OrderPlan(id, memory),
              memory,
              contexts,
              token,
              settings.pingMillis(),
              System::nanoTime));
    }
  }

  /** Opens all streams and starts to send. */
  public void start() {
    loop.execute(() -> sessions.forEach(SyncSession::connect));
    lastTick = System.nanoTime();
    loop.every(TICK_MILLIS, this::tick);
    rotateEverySecondSession();
  }

  /**
   * Begins the pause of the first client's consumer once it has read an ack: on a slow machine it
   * may take long until there is one.
   */
  private void pauseAfterFirstAck() {
    SyncSession first = sessions.get(0);
    if (pauseBegun || settings.slowForSeconds() == 0 || first.totals().acked == 0) {
      return;
    }
    pauseBegun = true;
    loop.after(
        TimeUnit.SECONDS.toMillis(settings.slowAfterSeconds()),
        () -> {
          first.withholdDemand(true);
          PAUSES.labels("begun").inc();
          pausing = true;
        });
  }

  /**
   * The time of the pause counts from the moment when the stream stands still: on a slow machine
   * the acks that it has asked for, and the updates that it may still send at a slow pace, take
   * longer than the pause itself.
   */
  private void endPause() {
    SyncSession first = sessions.get(0);
    if (!pausing || !first.isAtRest()) {
      return;
    }
    pausing = false;
    loop.after(
        TimeUnit.SECONDS.toMillis(settings.slowForSeconds()),
        () -> {
          first.withholdDemand(false);
          PAUSES.labels("ended").inc();
        });
  }

  /** Half of the streams live on, half are replaced now and then, each at a time of its own. */
  private void rotateEverySecondSession() {
    long period = TimeUnit.SECONDS.toMillis(settings.rotateSeconds());
    if (period == 0) {
      return;
    }
    for (int i = 1; i < sessions.size(); i += 2) {
      SyncSession session = sessions.get(i);
      loop.after(period * i / sessions.size(), () -> loop.every(period, session::rotate));
    }
  }

  private void tick() {
    long now = System.nanoTime();
    double each = settings.ratePerSecond() * (now - lastTick) / 1e9 / sessions.size();
    lastTick = now;
    // One client's trouble is not the next one's.
    sessions.forEach(session -> loop.run(() -> session.tick(each)));
    UNACKED.set(countUnacked());
    DEGRADED.set(sessions.stream().filter(SyncSession::isDegraded).count());
    PACE.set(sessions.stream().mapToDouble(SyncSession::pace).average().orElse(1));
    GIVEN_UP.set(sum(totals -> totals.missed));
    pauseAfterFirstAck();
    endPause();
    ACKED.set(sum(totals -> totals.acked));
  }

  /**
   * Makes no more updates, waits until all are answered, half-closes. Waits as long as answers
   * come.
   *
   * @param answers ends the wait when none has come for too long
   */
  public Totals drain(Standstill answers) throws InterruptedException {
    loop.call(
        () -> {
          sessions.forEach(SyncSession::stop);
          return null;
        });
    while (!loop.call(() -> sessions.stream().allMatch(SyncSession::isDone))
        && !answers.isReached(loop.call(() -> sum(each -> each.acked + each.refused)))) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return loop.call(
        () -> {
          contexts.end();
          return totals();
        });
  }

  private Totals totals() {
    return new Totals(
        sum(each -> each.opened),
        sum(each -> each.broken),
        sum(each -> each.sent),
        sum(each -> each.pings),
        sum(each -> each.acked),
        sum(each -> each.refused),
        sum(each -> each.again),
        sum(each -> each.fallen),
        sum(each -> each.missed),
        countUnacked(),
        sum(each -> each.gray),
        new Traced(contexts.orders(), contexts.updates(), contexts.shipments()));
  }

  /** Updates accepted so far; not from the loop itself. */
  public long acked() throws InterruptedException {
    return loop.call(() -> sum(totals -> totals.acked));
  }

  /** Updates made and not answered for good; not from the loop itself. */
  long unacked() throws InterruptedException {
    return loop.call(this::countUnacked);
  }

  private long countUnacked() {
    return sessions.stream().mapToLong(SyncSession::unacked).sum();
  }

  private long sum(ToLongFunction<SessionTotals> part) {
    return sessions.stream().map(SyncSession::totals).mapToLong(part).sum();
  }

  /** Whether a journal or a session failed; the totals are then not to be trusted. */
  public boolean hasFailed() {
    return loop.hasFailed();
  }

  @Override
  public void close() throws IOException {
    channel.shutdown();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    channel.shutdownNow();
    loop.close();
    for (Journal journal : journals) {
      journal.close();
    }
  }
}
