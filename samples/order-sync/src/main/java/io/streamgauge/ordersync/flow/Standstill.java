package io.streamgauge.ordersync.flow;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Tells a wait that is slow from one that is in vain: in vain is a wait during which nothing has
 * moved for a minute. How long a wait takes as a whole depends on the machine and says nothing. Not
 * for several threads.
 */
public final class Standstill {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final LongSupplier nanos;
  private final long longest;
  private Object seen;
  private long since;

  /** Of a minute. */
  public Standstill() {
    this(MINUTE);
  }

  public Standstill(Duration longest) {
    this(longest, System::nanoTime);
  }

  /** With a clock such as {@link System#nanoTime}. */
  public Standstill(Duration longest, LongSupplier nanos) {
    this.longest = longest.toNanos();
    this.nanos = nanos;
    this.since = nanos.getAsLong();
  }

  /**
   * Looks at what should move; call it every second or more often.
   *
   * @param moving changes, by {@code equals}, with each bit of progress
   * @return whether it has been the same for too long
   */
  public boolean isReached(Object moving) {
    if (!Objects.equals(moving, seen)) {
      seen = moving;
      since = nanos.getAsLong();
    }
    return nanos.getAsLong() - since > longest;
  }
}
