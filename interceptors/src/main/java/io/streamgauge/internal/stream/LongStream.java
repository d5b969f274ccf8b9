package io.streamgauge.internal.stream;

import io.streamgauge.internal.guard.CallPath;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * What a stream keeps beyond a short call that ends well: counts without a bound, demand, drained
 * sums, and the places of what most streams never have. A stream of more than one message has it
 * from its start; another call gets it from the first reader that finds the call open, or from the
 * first event that does not fit into {@link StreamRecorder}.
 *
 * <p>A count here goes on where the recorder's own stood when its writer first saw this object, so
 * the sum of both is the count. Each has the one writer that the recorder's has.
 */
final class LongStream {

  private static final AtomicLongFieldUpdater<LongStream> SENT = longs("sent");
  private static final AtomicLongFieldUpdater<LongStream> DELIVERED = longs("delivered");
  private static final AtomicLongFieldUpdater<LongStream> WIRE_OUT = longs("wireOut");
  private static final AtomicLongFieldUpdater<LongStream> WIRE_IN = longs("wireIn");
  private static final AtomicLongFieldUpdater<LongStream> REQUESTED = longs("requested");

  private static AtomicLongFieldUpdater<LongStream> longs(String field) {
    return AtomicLongFieldUpdater.newUpdater(LongStream.class, field);
  }

  /** Number of the stream within its gauge. */
  final long id;

  private volatile long sent;
  private volatile long delivered;
  private volatile long wireOut;
  private volatile long wireIn;

  /** Any thread of the application adds to it; the watch and scrapes read it. */
  private volatile long requested;

  /** The callback of the first message writes it, once; scrapes and spans read it. */
  volatile long firstMessageNanos = StreamRecorder.UNKNOWN;

  // What was drained; guarded by the recorder's monitor.

  long drainedSent;
  long drainedReceived;
  long drainedOut;
  long drainedIn;

  /** Only ever set; see {@link StreamRecorder#ready} for its race with an edge of readiness. */
  volatile boolean outboundClosed;

  /** Only ever set, by the callback of the half-close or by the end; the watch reads it. */
  volatile boolean inboundClosed;

  /** Null for a stream that was always ready, as most are; there before it is first not. */
  volatile NotReadyTime notReady;

  /** Null until the first message that is timed. */
  MessageTimer timer;

  // What the watch saw at its last look. One looking thread at a time writes it; scrapes and pages
  // read when something moved.

  /** The sum of the stream's counts; a sum may have any value. */
  private long movement = Long.MIN_VALUE;

  private int queued;
  private volatile long movedNanos;
  private long lookedNanos;

  /** What had arrived on the first attempt, as far as two looks are told apart by it. */
  private int lookedAt;

  /** Looks in a row in which a cancelled call was seen to be over. */
  private byte overLooks;

  /** Null until the watch first finds that the stream stands still; made by its looking thread. */
  volatile StallState stall;

  /** Null for most streams; made under the recorder's monitor. */
  private volatile RareParts rare;

  /**
   * @param startNanos when the stream began: it counts as moved then
   */
  LongStream(long id, long startNanos) {
    this.id = id;
    movedNanos = startNanos;
    lookedNanos = startNanos;
  }

  /** Never null to a reader that finds nothing there: what was never written is as in a new one. */
  RareParts rare() {
    RareParts known = rare;
    return known == null ? RareParts.NONE : known;
  }

  /** To write; the caller holds the recorder's monitor. */
  RareParts makeRare() {
    if (rare == null) {
      rare = new RareParts();
    }
    return rare;
  }

  // ---- counts --------------------------------------------------------------------------------

  @CallPath
  void onSend() {
    SENT.lazySet(this, sent + 1);
  }

  @CallPath
  void onDeliver() {
    DELIVERED.lazySet(this, delivered + 1);
  }

  @CallPath(bytes = true)
  void onWireOut(long bytes) {
    WIRE_OUT.lazySet(this, wireOut + bytes);
  }

  @CallPath(bytes = true)
  void onWireIn(long bytes) {
    WIRE_IN.lazySet(this, wireIn + bytes);
  }

  @CallPath
  void onRequest(int messages) {
    REQUESTED.addAndGet(this, messages);
  }

  long sent() {
    return sent;
  }

  long delivered() {
    return delivered;
  }

  long wireOut() {
    return wireOut;
  }

  long wireIn() {
    return wireIn;
  }

  long requested() {
    return requested;
  }

  // ---- looks of the watch --------------------------------------------------------------------

  /**
   * At each look: how long nothing has moved, nanoseconds.
   *
   * @param counts changes whenever any count does
   * @param depth of the application's own queues
   * @return {@link StreamRecorder#UNKNOWN} if something has moved since the look before
   */
  long still(long counts, long depth, long now) {
    if (counts == movement && (int) depth == queued) {
      return now - movedNanos;
    }
    movement = counts;
    queued = (int) depth;
    movedNanos = now;
    return StreamRecorder.UNKNOWN;
  }

  /** Clock reading when a look last saw a count move, nanoseconds; up to a second late. */
  long movedNanos() {
    return movedNanos;
  }

  /** A look at the stream's connections begins: when the one before began. */
  long look(long now) {
    long before = lookedNanos;
    lookedNanos = now;
    return before;
  }

  /** Whether something has arrived on the first attempt since the look before. */
  boolean hasArrived(long count) {
    boolean more = (int) count != lookedAt;
    lookedAt = (int) count;
    return more;
  }

  /** Whether the call has seemed over in two looks in a row. */
  boolean isOver(boolean seemsOver) {
    overLooks = (byte) (seemsOver ? Math.min(2, overLooks + 1) : 0);
    return overLooks >= 2;
  }
}
