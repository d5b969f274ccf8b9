package io.streamgauge.ordersync.domain;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Logical time (Lamport 1978): what is heard of is before what is said next, whatever the clocks on
 * the wall say. Any thread.
 */
public final class LamportClock {

  private final AtomicLong time = new AtomicLong();

  /** The time of something that happens here. */
  public long tick() {
    return time.incrementAndGet();
  }

  /** The time of something that was sent at another's time and happens here now. */
  public long merge(long received) {
    // Half of all time is more than anyone needs, and a stranger's number cannot turn it over.
    return time.updateAndGet(now -> Math.max(now, Math.min(received, Long.MAX_VALUE / 2)) + 1);
  }
}
