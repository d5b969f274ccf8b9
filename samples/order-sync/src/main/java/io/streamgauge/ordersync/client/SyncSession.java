package io.streamgauge.ordersync.client;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.opentelemetry.context.Scope;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import io.streamgauge.stream.StreamSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;

/**
 * One client's stream, kept open across failures. Everything here runs on one event loop; gRPC's
 * threads only post to it, so they never wait for a journal or a lock.
 *
 * <p>An update is journalled, then sent while the transport takes it and fewer than {@value
 * #WINDOW} are un-acked; it stays in the window until its answer arrives. A new stream after a
 * failure first repeats the window, in order.
 */
final class SyncSession {

  /** Un-acked updates a client may have. */
  static final int WINDOW = 50;

  private static final long PENDING_PAUSE_MILLIS = 100;

  private final EventLoop loop;
  private final ManagedChannel channel;
  private final Journal journal;
  private final OrderPlan plan;
  private final OrderContexts contexts;
  private final Backoff backoff = new Backoff();

  /** Ties the spans of this client's streams together, however often it has to reconnect. */
  private final StreamSession session = Streamgauge.session();

  private final Map<Long, OrderUpdate> unacked = new LinkedHashMap<>();
  private final Queue<OrderUpdate> resend = new ArrayDeque<>();
  private SyncObserver stream;
  private double budget;
  private boolean paused;
  private boolean withholdDemand;
  private int withheld;
  private boolean rotating;
  private boolean stopping;
  private boolean finished;

  private long opened;
  private long sent;
  private long acked;
  private long refused;
  private long highest;
  private long gray;

  SyncSession(
      EventLoop loop,
      ManagedChannel channel,
      Journal journal,
      OrderPlan plan,
      JournalMemory memory,
      OrderContexts contexts) {
    memory.unanswered().forEach(update -> unacked.put(update.sequence(), update));
    highest = memory.lastSequence();
    this.contexts = contexts;
    this.loop = loop;
    this.channel = channel;
    this.journal = journal;
    this.plan = plan;
  }

  // ---- called on the loop --------------------------------------------------------------------

  void connect() {
    if (finished) {
      return;
    }
    resend.clear();
    resend.addAll(unacked.values());
    withheld = 0;
    opened++;
    stream = new SyncObserver(this, loop);
    OrderSyncGrpc.newStub(channel).withOption(Streamgauge.SESSION, session).syncOrderStatus(stream);
  }

  /** Allows that many more updates to be made. */
  void allow(double updates) {
    // An idle client may save up a window of them, not more: no burst after a stall.
    budget = Math.min(WINDOW, budget + updates);
    pump();
  }

  /** Sends what may be sent now. */
  void pump() {
    if (stream == null || finished) {
      return;
    }
    ClientCallStreamObserver<OrderStatusUpdate> out = stream.requests();
    while (out.isReady() && !paused) {
      OrderUpdate update = nextToSend();
      if (update == null) {
        break;
      }
      sent++;
      try (Scope scope = contexts.sending(update).makeCurrent()) {
        out.onNext(ClientMessages.update(update));
      }
      if (update.sequence() > highest) {
        highest = update.sequence();
        gray += contexts.isGray(update) ? 1 : 0;
      }
    }
    if ((stopping || rotating) && unacked.isEmpty() && !stream.isHalfClosed()) {
      finished = stopping;
      stream.halfClose();
    }
  }

  private OrderUpdate nextToSend() {
    OrderUpdate again = resend.poll();
    if (again != null || stopping || rotating || budget < 1 || unacked.size() >= WINDOW) {
      return again;
    }
    budget--;
    OrderUpdate update = plan.next();
    write(() -> journal.sent(update));
    unacked.put(update.sequence(), update);
    return update;
  }

  void answered(OrderStatusAck ack) {
    backoff.succeeded();
    OrderUpdate update = unacked.remove(ack.getSequence());
    if (update != null) {
      write(() -> journal.ack(ack.getSequence(), ack.getAccepted(), ack.getReason().name()));
      if (ack.getAccepted()) {
        acked++;
        contexts.accepted(update);
      } else {
        refused++;
      }
    }
    if (withholdDemand) {
      withheld++;
    } else {
      stream.requests().request(1);
    }
    if (ack.getPending() && !paused) {
      paused = true;
      loop.after(PENDING_PAUSE_MILLIS, this::unpause);
    }
    pump();
  }

  private void unpause() {
    paused = false;
    pump();
  }

  /** The stream is over, whoever ended it. */
  void over(SyncObserver which, boolean orderly) {
    if (which != stream || finished) {
      return;
    }
    if (stopping && unacked.isEmpty()) {
      finished = true;
    } else if (orderly && rotating) {
      rotating = false;
      connect();
    } else {
      stream = null;
      rotating = false;
      loop.after(backoff.nextMillis(), this::reconnect);
    }
  }

  private void reconnect() {
    // The channel has a back-off of its own; ours decides when to try.
    channel.resetConnectBackoff();
    connect();
  }

  /** Stops or starts reading acks: a consumer that is slow on purpose. */
  void withholdDemand(boolean withhold) {
    withholdDemand = withhold;
    if (!withhold && withheld > 0 && stream != null) {
      stream.requests().request(withheld);
      withheld = 0;
    }
  }

  /** Ends the stream in an orderly way, once everything is answered, and opens the next. */
  void rotate() {
    rotating = stream != null && !stopping;
    pump();
  }

  /** Makes no more updates and half-closes once all are answered. */
  void stop() {
    stopping = true;
    withholdDemand(false);
    pump();
  }

  boolean isDone() {
    return finished && (stream == null || stream.isOver());
  }

  /** Streams opened so far. */
  long opened() {
    return opened;
  }

  long sent() {
    return sent;
  }

  long acked() {
    return acked;
  }

  long refused() {
    return refused;
  }

  /** Different updates of gray orders that were sent. */
  long gray() {
    return gray;
  }

  int unacked() {
    return unacked.size();
  }

  private interface Write {
    void run() throws IOException;
  }

  private static void write(Write write) {
    try {
      write.run();
    } catch (IOException e) {
      throw new UncheckedIOException("the journal cannot be written", e);
    }
  }
}
