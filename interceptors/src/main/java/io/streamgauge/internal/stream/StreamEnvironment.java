package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.guard.NanoClock;
import java.util.concurrent.atomic.AtomicLong;

/** What all streams of one gauge share; the hooks of gRPC add what they need themselves. */
public class StreamEnvironment {

  /** One message in 16. */
  private static final int SAMPLED_SHIFT = 4;

  public final Guard guard;
  public final NanoClock clock;
  public final StreamListener listener;
  final Timing timing;

  /** A timed message is the multiple of two to that power. */
  final int timingShift;

  /** The bits that the number of a timed message has not. */
  private final long untimed;

  /** Whether the headers of any call have left; a transport may not tell. */
  private volatile boolean tellsHeaders;

  /** Of streams whose method is not known yet. */
  private final StreamKind unknownServer =
      new StreamKind(CallSide.SERVER, this, WatchedMethod.OTHER, null);

  private final StreamKind unknownClient =
      new StreamKind(CallSide.CLIENT, this, WatchedMethod.OTHER, null);
  private final AtomicLong ids = new AtomicLong();

  public StreamEnvironment(Guard guard, NanoClock clock, StreamListener listener, Timing timing) {
    this.guard = guard;
    this.clock = clock;
    this.listener = listener;
    this.timing = timing;
    this.timingShift = timing == Timing.SAMPLED ? SAMPLED_SHIFT : 0;
    // No number of a message has all bits clear, so that with OFF none is timed.
    this.untimed = timing == Timing.OFF ? -1 : (1L << timingShift) - 1;
  }

  StreamKind unknown(CallSide side) {
    return side == CallSide.SERVER ? unknownServer : unknownClient;
  }

  /** A number that no other stream of the gauge has. */
  public long nextId() {
    return ids.incrementAndGet();
  }

  /** The headers of a call have left: the transports of this process tell so. */
  void tellHeaders() {
    if (!tellsHeaders) {
      tellsHeaders = true;
    }
  }

  boolean tellsHeaders() {
    return tellsHeaders;
  }

  /** Whether the clock of all streams is {@link System#nanoTime}. */
  public boolean isOnSystemClock() {
    return clock == NanoClock.SYSTEM;
  }

  /** The clock of all streams, nanoseconds. */
  public long now() {
    return clock.nanoTime();
  }

  /** Whether the message of that number, the first being 1, is timed. */
  boolean times(long count) {
    return (count & untimed) == 0;
  }
}
