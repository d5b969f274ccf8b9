package io.streamgauge.ordersync.client;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.opentelemetry.context.Scope;
import io.streamgauge.ReconnectSession;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.domain.LamportClock;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.flow.Backoff;
import io.streamgauge.ordersync.flow.Pacer;
import io.streamgauge.ordersync.flow.ResendPace;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import io.streamgauge.ordersync.v1.RefusalReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongSupplier;

/**
 * One client's stream, kept open across failures. Everything here runs on one event loop; gRPC's
 * threads only post to it, so they never wait for a journal or a lock.
 *
 * <p>An update is journalled, then sent while the transport takes it and fewer than {@value
 * #WINDOW} are un-acked; it stays in the window until it is answered for good. A new stream after a
 * failure first repeats the window, in order; what is refused for now is sent again at the pace of
 * {@link ResendPace}. When the server has not been there for {@value #DEGRADED_AFTER} tries,
 * updates are still made and journalled, and sent when it is back.
 */
final class SyncSession {

  /** Un-acked updates a client may have on its way. */
  static final int WINDOW = 50;

  /** Failed tries after which a client works from its journal alone. */
  static final int DEGRADED_AFTER = 5;

  /** Updates it makes at most while the server is away. */
  private static final int DEGRADED_LIMIT = 10_000;

  private static final long PENDING_PAUSE_MILLIS = 100;
  private static final double LATE_MILLIS = 1_000;

  private final EventLoop loop;
  private final ManagedChannel channel;
  private final Journal journal;
  private final OrderPlan plan;
  private final OrderContexts contexts;
  private final BearerToken token;
  private final LongSupplier nanos;
  private final Backoff backoff = new Backoff();
  private final Heartbeat heartbeat;
  private final LamportClock clock = new LamportClock();
  private final Pacer pacer = new Pacer(WINDOW, LATE_MILLIS);
  private final UpdateWindow window;
  private final ResendPace resend;
  private final SessionTotals totals = new SessionTotals();

  /** Ties the spans of this client's streams together, however often it has to reconnect. */
  private final ReconnectSession session = Streamgauge.session();

  private SyncObserver stream;
  private long highest;
  private long watermark;
  private int failures;
  private boolean withholdDemand;
  private int withheld;
  private boolean rotating;
  private boolean stopping;
  private boolean finished;

  /** The journal could not be written. */
  private boolean broken;

  SyncSession(
      EventLoop loop,
      ManagedChannel channel,
      Journal journal,
      OrderPlan plan,
      JournalMemory memory,
      OrderContexts contexts,
      BearerToken token,
      long pingMillis,
      LongSupplier nanos) {
    this.nanos = nanos;
    this.resend = new ResendPace(WINDOW, nanos);
    this.window = new UpdateWindow(memory.unanswered());
    this.heartbeat = new Heartbeat(pingMillis);
    this.highest = memory.lastSequence();
    this.token = token;
    this.contexts = contexts;
    this.loop = loop;
    this.channel = channel;
    this.journal = journal;
    this.plan = plan;
  }

  // ---- called on the loop --------------------------------------------------------------------

  void connect() {
    if (finished || broken) {
      return;
    }
    window.restart();
    resend.endPause();
    withheld = 0;
    totals.opened++;
    heartbeat.heard(nanos.getAsLong());
    stream = new SyncObserver(this, loop);
    OrderSyncGrpc.newStub(channel)
        .withOption(Streamgauge.SESSION, session)
        .withCallCredentials(token)
        .syncOrderStatus(stream);
  }

  /** Some time has passed in which that many updates are to be made. */
  void tick(double updates) {
    if (broken) {
      return;
    }
    boolean ready = stream == null || stream.requests().isReady();
    pacer.tick(updates, ready);
    if (isDegraded() && !stopping) {
      while (window.size() < DEGRADED_LIMIT && pacer.tryAcquire()) {
        make();
      }
    }
    beat();
    pump();
  }

  /** Whether the server has been away so long that the client works from its journal. */
  boolean isDegraded() {
    return failures >= DEGRADED_AFTER;
  }

  /** Asks for a sign of life when it is time, and gives up on a stream that gives none. */
  private void beat() {
    long now = nanos.getAsLong();
    // While this client does not read, hearing nothing proves nothing.
    if (stream == null || withholdDemand || finished) {
      heartbeat.heard(now);
      return;
    }
    if (heartbeat.isSilent(now)) {
      totals.missed++;
      stream.requests().cancel("no answer to three heartbeats", null);
      over(stream, false);
    } else if (!stream.isHalfClosed() && heartbeat.isDue(now) && stream.requests().isReady()) {
      totals.pings++;
      stream
          .requests()
          .onNext(OrderStatusUpdate.newBuilder().setPing(now).setLamport(clock.tick()).build());
    }
  }

  /** Sends what may be sent now. */
  void pump() {
    if (stream == null || finished || broken) {
      return;
    }
    ClientCallStreamObserver<OrderStatusUpdate> out = stream.requests();
    while (out.isReady() && !resend.isPaused() && window.hasRoom(resend.allowed())) {
      OrderUpdate update = window.next();
      if (update == null && !stopping && !rotating && pacer.tryAcquire()) {
        update = make();
      }
      if (update == null) {
        break;
      }
      send(out, update);
    }
    if ((stopping || rotating) && window.isEmpty() && !stream.isHalfClosed()) {
      finished = stopping;
      stream.halfClose();
    }
  }

  private OrderUpdate make() {
    OrderUpdate update = plan.next();
    write(() -> journal.sent(update));
    window.add(update);
    return update;
  }

  private void send(ClientCallStreamObserver<OrderStatusUpdate> out, OrderUpdate update) {
    totals.sent++;
    window.sent(update, nanos.getAsLong());
    try (Scope scope = contexts.sending(update).makeCurrent()) {
      out.onNext(ClientMessages.update(update, clock.tick()));
    }
    if (update.sequence() > highest) {
      highest = update.sequence();
      totals.gray += contexts.isGray(update) ? 1 : 0;
    }
  }

  void answered(SyncObserver which, OrderStatusAck ack) {
    if (which != stream || broken) {
      return; // of a stream that was given up
    }
    long now = nanos.getAsLong();
    clock.merge(ack.getLamport());
    heartbeat.heard(now);
    failures = 0;
    if (ack.getPong() == 0) {
      answered(ack, now);
    }
    if (withholdDemand) {
      withheld++;
    } else {
      stream.requests().request(1);
    }
    if (ack.getPending()) {
      resend.pause(PENDING_PAUSE_MILLIS);
    }
    pump();
  }

  private void answered(OrderStatusAck ack, long now) {
    // 0 means that the server has not looked yet.
    totals.fallen += ack.getWatermark() != 0 && ack.getWatermark() < watermark ? 1 : 0;
    watermark = Math.max(watermark, ack.getWatermark());
    long took = window.answered(ack.getSequence(), now);
    if (took >= 0) {
      pacer.answered(took / 1e6);
    }
    if (ClientMessages.isForNow(ack.getReason())) {
      totals.again++;
      resend.refused(ack.getReason() == RefusalReason.REFUSAL_REASON_NOT_STORED);
      window.rewind();
    } else {
      settle(ack);
    }
    if (window.rewound()) {
      resend.beginAgain();
    }
  }

  private void settle(OrderStatusAck ack) {
    OrderUpdate update = window.settle(ack.getSequence());
    if (update == null) {
      return;
    }
    backoff.succeeded();
    resend.settled();
    write(() -> journal.ack(ack.getSequence(), ack.getAccepted(), ack.getReason().name()));
    if (ack.getAccepted()) {
      totals.acked++;
      contexts.accepted(update);
    } else {
      totals.refused++;
    }
  }

  /** The stream is over, ended by either side. */
  void over(SyncObserver which, boolean orderly) {
    if (which != stream) {
      return;
    }
    totals.broken += orderly ? 0 : 1;
    if (finished) {
      return;
    }
    if (stopping && window.isEmpty()) {
      finished = true;
    } else if (orderly && rotating) {
      rotating = false;
      connect();
    } else {
      stream = null;
      rotating = false;
      failures++;
      loop.after(backoff.nextMillis(), this::reconnect);
    }
  }

  private void reconnect() {
    if (stream != null) {
      return;
    }
    // The channel has a back-off of its own; ours decides when to try.
    channel.resetConnectBackoff();
    connect();
  }

  /** Stops or starts reading acks: a consumer that is slow on purpose. */
  void withholdDemand(boolean withhold) {
    withholdDemand = withhold;
    heartbeat.heard(nanos.getAsLong());
    if (!withhold && withheld > 0 && stream != null) {
      stream.requests().request(withheld);
      withheld = 0;
    }
  }

  /**
   * Whether the stream stands still because acks are withheld: none that it has asked for is to
   * come, and it may not send until one has.
   */
  boolean isAtRest() {
    return withholdDemand && withheld >= WINDOW && !window.hasRoom(resend.allowed());
  }

  /** Ends the stream in an orderly way, once everything is answered, and opens the next. */
  void rotate() {
    rotating = stream != null && !stopping && !isDegraded();
    pump();
  }

  /** Makes no more updates and half-closes once all are answered. */
  void stop() {
    stopping = true;
    withholdDemand(false);
    // The waits may be longer than the end of the process can wait.
    resend.endPause();
    if (stream == null && !finished) {
      backoff.succeeded();
      reconnect();
    }
    pump();
  }

  boolean isDone() {
    return finished && (stream == null || stream.isOver());
  }

  SessionTotals totals() {
    return totals;
  }

  /** Made and not answered for good. */
  int unacked() {
    return window.size();
  }

  /** Share of the wanted rate at which it sends. */
  double pace() {
    return pacer.factor();
  }

  private interface Write {
    void run() throws IOException;
  }

  /** A client that cannot remember does nothing more; its journal is where it goes on later. */
  private void write(Write write) {
    try {
      write.run();
    } catch (IOException e) {
      broken = true;
      if (stream != null) {
        stream.requests().cancel("the journal cannot be written", e);
      }
      throw new UncheckedIOException("the journal cannot be written", e);
    }
  }
}
