package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.sdk.common.Clock;
import io.streamgauge.internal.guard.CallPath;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How far the wall clock is from the SDK's monotonic clock. Both are read for the first span in ten
 * milliseconds; within that time no wall clock is adjusted by as much as a span can show.
 */
final class WallClock {

  private static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** Both clocks are read within that time, or something came in between. */
  private static final long AT_ONCE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final Clock clock;

  /** Set while a thread writes the two below, which one thread does at a time. */
  private final AtomicBoolean writing = new AtomicBoolean();

  // The anchor is written first: a thread that reads the time and then the anchor finds an anchor
  // that is as new as that time, or newer.

  private volatile long anchor;

  /** When the anchor was read; 0 before the first. */
  private volatile long readNanos;

  WallClock(Clock clock) {
    this.clock = clock;
  }

  /**
   * Wall clock less the monotonic clock, nanoseconds.
   *
   * @param nowNanos what the monotonic clock says
   */
  @CallPath
  long anchor(long nowNanos) {
    long before = readNanos;
    if (before != 0 && nowNanos - before < KEPT_NANOS) {
      return anchor;
    }
    long began = clock.nanoTime();
    long wall = clock.now();
    long ended = clock.nanoTime();
    long read = wall - ended;
    if (ended - began < AT_ONCE_NANOS && writing.compareAndSet(false, true)) {
      anchor = read;
      readNanos = nowNanos == 0 ? 1 : nowNanos;
      writing.set(false);
    }
    return read;
  }
}
