package io.streamgauge.ordersync.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.prometheus.client.Gauge;
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

/** A process full of clients: one session, journal and stream each, paced together. */
public final class OrderSyncClient implements AutoCloseable {

  /**
   * How many clients of which kind, and how fast; {@code clients} is what their names begin with:
   * those that were there before, by their journals, go on where they were.
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
      Path journals) {}

  /** What the clients did, all together. */
  public record Totals(
      long streams, long sent, long acked, long refused, long unacked, long gray, Traced traced) {}

  /** What of it is in sampled traces. */
  public record Traced(long orders, long updates, long shipments) {}

  private static final long TICK_MILLIS = 20;

  private static final Gauge UNACKED =
      Gauge.build()
          .name("ordersync_client_unacked")
          .help("Updates sent and not yet answered, all streams of this process.")
          .register();

  private final Settings settings;
  private final EventLoop loop = new EventLoop();
  private final ManagedChannel channel;
  private final OrderContexts contexts;
  private final List<SyncSession> sessions = new ArrayList<>();
  private final List<Journal> journals = new ArrayList<>();
  private long lastTick;

  public OrderSyncClient(Attachment attachment, Settings settings) throws IOException {
    this.settings = settings;
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()))
            .usePlaintext();
    attachment.install(builder);
    attachment.preregister(OrderSyncGrpc.getServiceDescriptor());
    channel = builder.build();
    contexts = new OrderContexts(attachment.tracer(), settings.grayShare());
    Files.createDirectories(settings.journals());
    for (int i = 0; i < settings.streams(); i++) {
      String id = settings.clients() + "-" + i;
      Path file = settings.journals().resolve(id + ".journal");
      JournalMemory memory = JournalMemory.read(file, id);
      Journal journal = new Journal(file);
      journals.add(journal);
      sessions.add(
          new SyncSession(loop, channel, journal, new OrderPlan(id, memory), memory, contexts));
    }
  }

  /** Opens all streams and starts to send. */
  public void start() {
    loop.execute(() -> sessions.forEach(SyncSession::connect));
    lastTick = System.nanoTime();
    loop.every(TICK_MILLIS, this::tick);
    rotateEverySecondSession();
    if (settings.slowForSeconds() > 0) {
      long from = TimeUnit.SECONDS.toMillis(settings.slowAfterSeconds());
      loop.after(from, () -> sessions.get(0).withholdDemand(true));
      loop.after(
          from + TimeUnit.SECONDS.toMillis(settings.slowForSeconds()),
          () -> sessions.get(0).withholdDemand(false));
    }
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
    sessions.forEach(session -> session.allow(each));
    UNACKED.set(sessions.stream().mapToInt(SyncSession::unacked).sum());
  }

  /** Makes no more updates, waits until all are answered, half-closes. */
  public Totals drain(long timeout, TimeUnit unit) throws InterruptedException {
    loop.call(
        () -> {
          sessions.forEach(SyncSession::stop);
          return null;
        });
    long deadline = System.nanoTime() + unit.toNanos(timeout);
    while (!loop.call(() -> sessions.stream().allMatch(SyncSession::isDone))
        && System.nanoTime() < deadline) {
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
        sessions.stream().mapToLong(SyncSession::opened).sum(),
        sessions.stream().mapToLong(SyncSession::sent).sum(),
        sessions.stream().mapToLong(SyncSession::acked).sum(),
        sessions.stream().mapToLong(SyncSession::refused).sum(),
        sessions.stream().mapToLong(SyncSession::unacked).sum(),
        sessions.stream().mapToLong(SyncSession::gray).sum(),
        new Traced(contexts.orders(), contexts.updates(), contexts.shipments()));
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
