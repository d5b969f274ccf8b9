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
  private static final AtomicLongFieldUpdater<LongStream> ARRIVED = longs("arrived");
  private static final AtomicLongFieldUpdater<LongStream> FRAMED = longs("framed");
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
  private volatile long arrived;
  private volatile long framed;
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

  /** Whether hooks inside gRPC have told anything of bytes. */
  volatile boolean tellsBytes;

  /**
   * Whether the application's code has not returned to the watch. The supervising thread sets it;
   * the thread that comes back from the code clears it; the looking thread reads it and then does
   * not ask the stream. Volatile, because these are different threads.
   */
  volatile boolean stuck;

  /** Null for a stream that was always ready, as most are; there before it is first not. */
  volatile NotReadyTime notReady;

  /** What had arrived on the first attempt at the watch's last look; used by the watch alone. */
  long lookedAt;

  /** Null until the first message that is timed. */
  MessageTimer timer;

  /** Null until the watch has looked at the stream; made by its looking thread. */
  volatile WatchState watch;

  /** Null for most streams; made under the recorder's monitor. */
  private volatile RareParts rare;

  LongStream(long id) {
    this.id = id;
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

  @CallPath
  void onArrived() {
    ARRIVED.lazySet(this, arrived + 1);
  }

  @CallPath
  void onFramed() {
    FRAMED.lazySet(this, framed + 1);
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

  long arrived() {
    return arrived;
  }

  long framed() {
    return framed;
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
}
