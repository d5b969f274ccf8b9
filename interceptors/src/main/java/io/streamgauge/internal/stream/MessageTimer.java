package io.streamgauge.internal.stream;

import io.streamgauge.Timing;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.NanoClock;

/**
 * Times a sample of a stream's messages: how long they waited for the application's thread and how
 * long the application held them. Every 16th message by default, every one with {@code all}; a
 * message so far behind that its arrival time was overwritten is left out.
 *
 * <p>Arrival is written by the transport's thread, read by the application's; gRPC hands the
 * message from one to the other, and that hand-over orders the plain array accesses.
 */
final class MessageTimer {

  /**
   * Arrival times kept; a sampled message waiting behind more sampled ones than this is left out.
   */
  private static final int SLOTS_SAMPLED = 4;

  private static final int SLOTS_ALL = 128;

  private final NanoClock clock;
  private final int shift;
  private final long[] arrivals;
  private long entered;

  /** Of a message that two callbacks act on: how long the first one held it. */
  private long heldBefore;

  /** Whether the message in hand is timed; a clock may read anything, 0 too. */
  private boolean timed;

  MessageTimer(StreamEnvironment env) {
    this.clock = env.clock;
    this.shift = env.timingShift;
    this.arrivals = new long[env.timing == Timing.ALL ? SLOTS_ALL : SLOTS_SAMPLED];
  }

  private int slot(long count) {
    return (int) (count >> shift) & (arrivals.length - 1);
  }

  /** A message that is timed has arrived. */
  @CallPath
  void arrived(long count) {
    arrivals[slot(count)] = clock.nanoTime();
  }

  /**
   * A message that is timed enters the handler.
   *
   * @param arrived how many messages have arrived, or -1 if that is not counted
   * @return nanoseconds it waited, or -1 if that is not known
   */
  @CallPath
  long entered(long count, long arrived) {
    entered = clock.nanoTime();
    heldBefore = 0;
    timed = true;
    boolean known = arrived >= count && arrived + 1 - count < (long) arrivals.length << shift;
    return known ? entered - arrivals[slot(count)] : -1;
  }

  /** The message in hand leaves the handler: nanoseconds it was held, or -1 if it is not timed. */
  long left() {
    if (!timed) {
      return -1;
    }
    timed = false;
    return heldBefore + clock.nanoTime() - entered;
  }

  /** The callback is left, and another one will act on the message in hand. */
  void pause() {
    if (timed) {
      heldBefore = clock.nanoTime() - entered;
    }
  }

  /** The other callback is entered. */
  void resume() {
    if (timed) {
      entered = clock.nanoTime();
    }
  }
}
