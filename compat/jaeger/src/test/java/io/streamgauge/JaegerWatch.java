package io.streamgauge;

import io.streamgauge.internal.config.GaugeAccess;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A clock and the looks of the watch, moved by hand: hours of a stream take no time. */
public final class JaegerWatch {

  private final AtomicLong now = new AtomicLong(1);

  /** The gauge that is built uses this clock, and its watch looks when {@link #pass} says so. */
  public StreamgaugeBuilder on(StreamgaugeBuilder builder) {
    return builder.clock(now::get);
  }

  /** Lets time pass, and looks. */
  public void pass(Streamgauge gauge, int seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    GaugeAccess.assembly(gauge).watch().tick();
  }
}
