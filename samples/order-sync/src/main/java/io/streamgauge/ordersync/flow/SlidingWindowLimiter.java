package io.streamgauge.ordersync.flow;

import java.util.concurrent.TimeUnit;

/**
 * Lets through at most so many in <em>any</em> 100 ms: it remembers when the last ones went, and
 * the next may go once the one that many before it is 100 ms past. A counter that is set to zero
 * ten times a second would let twice as many through around that moment. Not for several threads.
 */
public final class SlidingWindowLimiter {

  public static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private long[] admitted = new long[0];
  private int next;
  private int count;

  /**
   * Whether one more may go now.
   *
   * @param now a time of {@link System#nanoTime}, never before that of the last call
   * @param limit how many in a window; when it changes, what went before is not held against anyone
   */
  public boolean tryAcquire(long now, int limit) {
    if (limit != admitted.length) {
      admitted = new long[limit];
      next = 0;
      count = 0;
    }
    if (count == limit && now - admitted[next] < WINDOW_NANOS) {
      return false;
    }
    admitted[next] = now;
    next = (next + 1) % limit;
    count = Math.min(limit, count + 1);
    return true;
  }
}
