package io.streamgauge.stream;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The counting path of one stream. Every field but {@code requested} has a single writer at a time
 * (gRPC serialises the callbacks that write it), so a count is a plain load and an ordered store:
 * no allocation, lock, fence, clock or lookup. Readers on other threads see values that are whole
 * and at most a moment old.
 *
 * <p>The lowest of three layers ({@link StreamFlow}, {@link StreamRecorder}) that together are one
 * object, because one object is what a stream may cost.
 */
abstract class StreamCounters {

  private static final AtomicLongFieldUpdater<StreamCounters> SENT =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "sent");
  private static final AtomicLongFieldUpdater<StreamCounters> DELIVERED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "delivered");
  private static final AtomicLongFieldUpdater<StreamCounters> ARRIVED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "arrived");
  private static final AtomicLongFieldUpdater<StreamCounters> ENTERED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "entered");
  private static final AtomicLongFieldUpdater<StreamCounters> HANDLED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "handled");
  private static final AtomicLongFieldUpdater<StreamCounters> WIRE_OUT =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "wireOut");
  private static final AtomicLongFieldUpdater<StreamCounters> WIRE_IN =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "wireIn");

  /** A depth that cannot be known with what is installed; it is left out, never shown as 0. */
  public static final long UNKNOWN = -1;

  private static final int NOT_CLOSED = -1;

  private final StreamSide side;
  final StreamTimer timer;

  private volatile long sent;
  private volatile long delivered;
  private volatile long arrived;
  private volatile long entered;
  private volatile long handled;
  private volatile long wireOut;
  private volatile long wireIn;

  private volatile boolean traced;
  private StreamAttempt attempts;
  private int lastCode = NOT_CLOSED;
  private long closedFramed;
  private long closedArrived;
  private long closedWireOut;
  private long closedWireIn;

  StreamCounters(StreamSide side, StreamTimer timer) {
    this.side = side;
    this.timer = timer;
  }

  /** Which end of the call this process is. */
  public final StreamSide side() {
    return side;
  }

  // ---- written per message -------------------------------------------------------------------

  /** Counts a message the application is sending; returns the new count. */
  final long countSent() {
    long count = sent + 1;
    SENT.lazySet(this, count);
    return count;
  }

  /** Server: a message was read from the wire and handed towards the application's thread. */
  public final void onArrived() {
    long count = arrived + 1;
    if (timer != null) {
      timer.arrived(count);
    }
    ARRIVED.lazySet(this, count);
  }

  /** Counts a message that enters the handler; returns the new count. */
  final long countDelivered() {
    long count = delivered + 1;
    DELIVERED.lazySet(this, count);
    ENTERED.lazySet(this, entered + 1);
    return count;
  }

  /** The half-close enters the handler; stubs run unary handlers in there. */
  final void countHalfClose() {
    ENTERED.lazySet(this, entered + 1);
  }

  final void countHandled() {
    HANDLED.lazySet(this, handled + 1);
  }

  /** Server: bytes framed for the wire. */
  public final void onWireOut(long bytes) {
    WIRE_OUT.lazySet(this, wireOut + bytes);
  }

  /** Server: bytes read from the wire. */
  public final void onWireIn(long bytes) {
    WIRE_IN.lazySet(this, wireIn + bytes);
  }

  // ---- attempts ------------------------------------------------------------------------------

  /** A stream tracer watches the wire, so the stages before the application are known. */
  public final void traced() {
    traced = true;
  }

  /** Client: a new attempt (the first, a retry or a hedge) is about to have a stream. */
  public final synchronized StreamAttempt openAttempt() {
    StreamAttempt attempt = new StreamAttempt(timer);
    attempt.next = attempts;
    attempts = attempt;
    return attempt;
  }

  /** Client: the attempt's transport stream is closed. What it had reached still counts. */
  public final synchronized void closeAttempt(StreamAttempt attempt, int code) {
    lastCode = code;
    StreamAttempt before = null;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      if (a == attempt) {
        if (before == null) {
          attempts = a.next;
        } else {
          before.next = a.next;
        }
        closedFramed = Math.max(closedFramed, a.framed());
        closedArrived = Math.max(closedArrived, a.arrived());
        closedWireOut += a.wireOut();
        closedWireIn += a.wireIn();
        return;
      }
      before = a;
    }
  }

  /** Whether an attempt has been on the wire and none is any more. */
  final synchronized boolean isOffTheWire() {
    return attempts == null && lastCode != NOT_CLOSED;
  }

  /** How the last attempt that closed ended. */
  final synchronized int lastCode() {
    return lastCode;
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

  /** Whether {@link #executorDepth()} and the wire bytes are measurements. */
  public final boolean executorKnown() {
    return traced;
  }

  /**
   * Client: messages no attempt has a transport stream for; the furthest attempt decides. {@link
   * #UNKNOWN} where that cannot be known.
   */
  public final synchronized long connectDepth() {
    return connectKnown() ? Math.max(0, sent - furthestFramed()) : UNKNOWN;
  }

  private long furthestFramed() {
    long furthest = closedFramed;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.framed());
    }
    return furthest;
  }

  /** Messages read off the wire that the application's thread has not been given yet. */
  public final synchronized long executorDepth() {
    if (!traced) {
      return UNKNOWN;
    }
    // Read before arrivals are: a message in between may be missed, never counted as minus one.
    long given = delivered;
    return Math.max(0, allArrived() - given);
  }

  /** Arrivals of the attempts still open; of the closed ones only once none is. */
  final synchronized long allArrived() {
    long furthest = arrived;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.arrived());
    }
    // A hedge that lost may have read more than the winner; nobody will ever be given that.
    return attempts == null ? Math.max(furthest, closedArrived) : furthest;
  }

  /** 1 while the application is inside a callback that carries work, otherwise 0. */
  public final long handlerDepth() {
    long left = handled;
    return Math.min(1, Math.max(0, entered - left));
  }

  /** Bytes framed for the wire, all attempts together. */
  public final synchronized long wireOut() {
    long bytes = wireOut + closedWireOut;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      bytes += a.wireOut();
    }
    return bytes;
  }

  /** Bytes read from the wire, all attempts together. */
  public final synchronized long wireIn() {
    long bytes = wireIn + closedWireIn;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      bytes += a.wireIn();
    }
    return bytes;
  }

  /** Changes whenever any counter does; counters only rise, so an equal sum means no movement. */
  final synchronized long movement() {
    return sent
        + delivered
        + entered
        + handled
        + Math.max(allArrived(), closedArrived)
        + furthestFramed()
        + wireOut()
        + wireIn();
  }
}
