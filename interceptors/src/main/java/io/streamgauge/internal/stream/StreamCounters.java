package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.internal.guard.CallPath;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The counting path of one stream. Every field has a single writer at a time (gRPC serialises the
 * callbacks that write it), so a count is a plain load and an ordered store: no allocation, lock,
 * fence, clock or lookup. Readers on other threads see values that are whole and at most a moment
 * old.
 */
abstract class StreamCounters extends StreamWire {

  private static final AtomicLongFieldUpdater<StreamCounters> SENT =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "sent");
  private static final AtomicLongFieldUpdater<StreamCounters> DELIVERED =
      AtomicLongFieldUpdater.newUpdater(StreamCounters.class, "delivered");
  private static final AtomicIntegerFieldUpdater<StreamCounters> ENTERED =
      AtomicIntegerFieldUpdater.newUpdater(StreamCounters.class, "entered");
  private static final AtomicIntegerFieldUpdater<StreamCounters> HANDLED =
      AtomicIntegerFieldUpdater.newUpdater(StreamCounters.class, "handled");

  private volatile long sent;
  private volatile long delivered;

  // Only their difference and that they change is of interest: they may wrap around.
  private volatile int entered;
  private volatile int handled;

  /** Set before anybody else knows the stream. */
  private boolean traced;

  /** Messages that are counted in another lane than the stream's; null where there is none. */
  private volatile OtherLaneCounts elsewhere;

  StreamCounters(CallSide side, StreamEnvironment env) {
    super(side, env);
  }

  /** Counts a message the application is sending; returns the new count. */
  final long countSent() {
    long count = sent + 1;
    SENT.lazySet(this, count);
    return count;
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

  /**
   * A message about to be counted belongs to another lane's series; called before it is, so that
   * nobody ever sees it in both.
   */
  public final void countElsewhere(boolean inbound) {
    OtherLaneCounts counts = elsewhere;
    if (counts == null) {
      synchronized (this) {
        if (elsewhere == null) {
          elsewhere = new OtherLaneCounts();
        }
        counts = elsewhere;
      }
    }
    counts.count(inbound);
  }

  /** Messages sent that the stream's own series has to count. */
  final long sentHere() {
    long all = sent;
    OtherLaneCounts counts = elsewhere;
    return counts == null ? all : all - counts.sent();
  }

  /** Messages delivered that the stream's own series has to count. */
  final long receivedHere() {
    long all = delivered;
    OtherLaneCounts counts = elsewhere;
    return counts == null ? all : all - counts.delivered();
  }

  /** A stream tracer watches the wire, so the stages before the application are known. */
  @CallPath
  public final void traced() {
    traced = true;
  }

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
    return traced && side() == CallSide.CLIENT;
  }

  /** Whether {@link #executorDepth()} and the wire bytes are measurements. */
  @CallPath
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

  /** Messages read off the wire that the application's thread has not been given yet. */
  public final synchronized long executorDepth() {
    if (!traced) {
      return UNKNOWN;
    }
    // Read before arrivals are: a message in between may be missed, never counted as minus one.
    long given = delivered;
    return Math.max(0, allArrived() - given);
  }

  /** 1 while the application is inside a callback that carries work, otherwise 0. */
  public final long handlerDepth() {
    int left = handled;
    return Math.min(1, Math.max(0, entered - left));
  }

  /** Changes whenever any counter does; counters only rise, so an equal sum means no movement. */
  final long movement() {
    return sent + delivered + entered + handled + wireMovement();
  }
}
