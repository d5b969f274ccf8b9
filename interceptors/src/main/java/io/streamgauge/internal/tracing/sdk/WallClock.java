package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.sdk.common.Clock;
import io.streamgauge.internal.guard.CallPath;
import java.util.concurrent.TimeUnit;

/**
 * How far the wall clock is from the SDK's monotonic clock. Both are read for the first span in ten
 * milliseconds; within that time no wall clock is adjusted by as much as a span can show.
 */
final class WallClock {

  private static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Clock clock;

  // Any thread that starts a span writes both, the anchor first; a thread that reads finds an
  // anchor that is as new as the time it has read, or newer.

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
    if (before == 0 || nowNanos - before >= KEPT_NANOS) {
      anchor = clock.now() - clock.nanoTime();
      readNanos = nowNanos == 0 ? 1 : nowNanos;
    }
    return anchor;
  }
}
