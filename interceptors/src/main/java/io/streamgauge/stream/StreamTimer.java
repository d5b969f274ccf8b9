package io.streamgauge.stream;

import io.streamgauge.guard.GuardClock;

/**
 * Times a sample of a stream's messages: how long they waited for the application's thread and how
 * long the application held them. Every 16th message by default, every one with {@code all}; a
 * message so far behind that its arrival time was overwritten is left out.
 *
 * <p>Arrival is written by the transport's thread, read by the application's; gRPC hands the
 * message from one to the other, and that hand-over orders the plain array accesses.
 */
final class StreamTimer {

  /**
   * Arrival times kept; a sampled message waiting behind more sampled ones than this is left out.
   */
  private static final int SLOTS_SAMPLED = 4;

  private static final int SLOTS_ALL = 128;

  private final GuardClock clock;
  private final int shift;
  private final long[] arrivals;
  private long entered;

  StreamTimer(GuardClock clock, StreamTiming timing) {
    this.clock = clock;
    this.shift = timing.shift();
    this.arrivals = new long[timing == StreamTiming.ALL ? SLOTS_ALL : SLOTS_SAMPLED];
  }

  boolean samples(long count) {
    return (count & ((1L << shift) - 1)) == 0;
  }

  private int slot(long count) {
    return (int) (count >> shift) & (arrivals.length - 1);
  }

  void arrived(long count) {
    if (samples(count)) {
      arrivals[slot(count)] = clock.nanoTime();
    }
  }

  /**
   * A message enters the handler.
   *
   * @param arrived how many messages have arrived, or -1 if nobody counts them
   * @return nanoseconds it waited, or -1 if it is not in the sample
   */
  long entered(long count, long arrived) {
    if (!samples(count)) {
      entered = 0;
      return -1;
    }
    entered = clock.nanoTime();
    boolean known = arrived >= count && arrived + 1 - count < (long) arrivals.length << shift;
    return known ? entered - arrivals[slot(count)] : -1;
  }

  /**
   * The message in hand leaves the handler: nanoseconds it was held, or -1 if not in the sample.
   */
  long left() {
    if (entered == 0) {
      return -1;
    }
    long held = clock.nanoTime() - entered;
    entered = 0;
    return held;
  }
}
