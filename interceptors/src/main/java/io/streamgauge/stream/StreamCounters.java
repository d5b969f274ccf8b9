package io.streamgauge.stream;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The counting path of one stream. Every field but {@code requested} has a single writer at a time
 * (gRPC serialises the callbacks that write it), so a count is a plain load and an ordered store:
 * no allocation, lock, fence, clock or lookup. Readers on other threads see values that are whole
 * and at most a moment old.
 *
 * <p>Layered under {@link StreamRecorder} to keep the counters in the one object a stream has
 * anyway.
 */
abstract class StreamCounters {

  private static final AtomicLongFieldUpdater<StreamCounters> SENT =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "sent");
  private static final AtomicLongFieldUpdater<StreamCounters> DELIVERED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "delivered");
  private static final AtomicLongFieldUpdater<StreamCounters> ARRIVED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "arrived");
  private static final AtomicLongFieldUpdater<StreamCounters> HANDLED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "handled");
  private static final AtomicLongFieldUpdater<StreamCounters> ENTERED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "entered");

  /** A depth that cannot be known with what is installed; it is left out, never shown as 0. */
  public static final long UNKNOWN = -1;

  private volatile long sent;
  private volatile long delivered;
  private volatile long arrived;
  private volatile long entered;
  private volatile long handled;

  private final StreamSide side;
  private boolean traced;
  private StreamAttempt attempts;
  private long closedFramed;
  private long closedArrived;

  private long drainedSent;
  private long drainedReceived;

  StreamCounters(StreamSide side) {
    this.side = side;
  }

  /** Which end of the call this process is. */
  public final StreamSide side() {
    return side;
  }

  // ---- written per message -------------------------------------------------------------------

  /** The application is sending a message. Called before grpc, so depth is never negative. */
  public final void onSend() {
    SENT.lazySet(this, sent + 1);
  }

  /** Server: a message was read from the wire and handed towards the application's thread. */
  public final void onArrived() {
    ARRIVED.lazySet(this, arrived + 1);
  }

  /** A message reaches the application: it leaves the executor and enters the handler. */
  public final void onDeliver() {
    DELIVERED.lazySet(this, delivered + 1);
    ENTERED.lazySet(this, entered + 1);
  }

  /** The application's callback for the message or half-close in hand has returned. */
  public final void onHandled() {
    HANDLED.lazySet(this, handled + 1);
  }

  /** The application is told that no more messages come; stubs run unary handlers in there. */
  public final void onHalfClose() {
    ENTERED.lazySet(this, entered + 1);
  }

  // ---- attempts ------------------------------------------------------------------------------

  /**
   * A stream tracer watches the wire for this stream, so the stages before the application are
   * known.
   */
  public final void traced() {
    traced = true;
  }

  /** Client: a new attempt (the first, a retry or a hedge) is about to have a stream. */
  public final synchronized StreamAttempt openAttempt() {
    StreamAttempt attempt = new StreamAttempt();
    attempt.next = attempts;
    attempts = attempt;
    return attempt;
  }

  /** Client: the attempt's transport stream is closed. What it had reached still counts. */
  public final synchronized void closeAttempt(StreamAttempt attempt) {
    closedFramed = Math.max(closedFramed, attempt.framed());
    closedArrived = Math.max(closedArrived, attempt.arrived());
    StreamAttempt before = null;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      if (a == attempt) {
        if (before == null) {
          attempts = a.next;
        } else {
          before.next = a.next;
        }
        return;
      }
      before = a;
    }
  }

  // ---- read ----------------------------------------------------------------------------------

  /** Messages the application has sent. */
  public final long sent() {
    return sent;
  }

  /** Messages delivered to the application. */
  public final long received() {
    return delivered;
  }

  /** Whether {@link #connectDepth()} is a measurement. */
  public final boolean connectKnown() {
    return traced && side == StreamSide.CLIENT;
  }

  /** Whether {@link #executorDepth()} is a measurement. */
  public final boolean executorKnown() {
    return traced;
  }

  /**
   * Client: messages no attempt has a transport stream for; the furthest attempt decides. {@link
   * #UNKNOWN} where that cannot be known.
   */
  public final synchronized long connectDepth() {
    if (!connectKnown()) {
      return UNKNOWN;
    }
    long furthest = closedFramed;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.framed());
    }
    return Math.max(0, sent - furthest);
  }

  /** Messages read off the wire that the application's thread has not been given yet. */
  public final synchronized long executorDepth() {
    if (!traced) {
      return UNKNOWN;
    }
    long read = arrived;
    if (side == StreamSide.CLIENT) {
      read = closedArrived;
      for (StreamAttempt a = attempts; a != null; a = a.next) {
        read = Math.max(read, a.arrived());
      }
    }
    return Math.max(0, read - delivered);
  }

  /** 1 while the application is inside a callback that carries work, otherwise 0. */
  public final long handlerDepth() {
    return Math.max(0, entered - handled);
  }

  /** Moves what was counted since the last drain into {@code totals}; any thread, any time. */
  final synchronized void drainTo(StreamTotals totals) {
    long nowSent = sent;
    long nowReceived = delivered;
    long newSent = nowSent - drainedSent;
    long newReceived = nowReceived - drainedReceived;
    drainedSent = nowSent;
    drainedReceived = nowReceived;
    if (newSent != 0 || newReceived != 0) {
      totals.add(newSent, newReceived);
    }
  }
}
