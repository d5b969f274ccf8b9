package io.streamgauge.ordersync.load;

import java.util.concurrent.TimeUnit;

/**
 * When each update is due, whatever the server does: an open loop. A latency counts from the moment
 * an update was due, so that a server that stands still for a second shows in every update of that
 * second and not in one (Tene: coordinated omission).
 */
final class LoadSchedule {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int BURST_EVERY = 10;

  private final double rate;
  private final double burst;

  LoadSchedule(double rate, double burst) {
    this.rate = rate;
    this.burst = burst;
  }

  /** Updates due so long after the start. */
  long dueAt(long nanos) {
    double due = rate * nanos / SECOND;
    if (burst > 1) {
      long whole = nanos / (BURST_EVERY * SECOND);
      long into = Math.max(0, nanos % (BURST_EVERY * SECOND) - (BURST_EVERY - 1) * SECOND);
      due += rate * (burst - 1) * (whole + (double) into / SECOND);
    }
    return (long) due;
  }

  /** When the update of that number was due, which is before {@code nanos}. */
  long timeOf(long number, long nanos) {
    return burst > 1 ? nanos : (long) (number / rate * SECOND);
  }
}
