package io.streamgauge.stream;

import io.streamgauge.guard.Guard;
import io.streamgauge.guard.GuardClock;

/** What all streams of one gauge share. */
public final class StreamEnv {

  final Guard guard;
  final GuardClock clock;
  final StreamListener listener;
  final StreamTiming timing;
  private final long untimed;

  /** Whether the headers of any call have left; a transport may not tell. */
  private volatile boolean tellsHeaders;

  public StreamEnv(Guard guard, GuardClock clock, StreamListener listener, StreamTiming timing) {
    this.guard = guard;
    this.clock = clock;
    this.listener = listener;
    this.timing = timing;
    this.untimed = timing.mask();
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

  /** The clock of all streams, nanoseconds. */
  public long now() {
    return clock.nanoTime();
  }

  /** Whether the message of that number, the first being 1, is timed. */
  boolean times(long count) {
    return (count & untimed) == 0;
  }
}
