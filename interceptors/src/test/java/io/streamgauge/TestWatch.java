package io.streamgauge;

import io.streamgauge.internal.config.GaugeAccess;
import io.streamgauge.internal.guard.NanoClock;

/** For tests in other packages: a clock moved by hand, and the looks of the stall watch with it. */
public final class TestWatch {

  private TestWatch() {}

  /** The gauge uses this clock; its stall watch has no thread and looks when told to. */
  public static StreamgaugeBuilder clock(StreamgaugeBuilder builder, NanoClock clock) {
    return builder.clock(clock);
  }

  /** One look of the stall watch, on the calling thread. */
  public static void look(Streamgauge gauge) {
    GaugeAccess.assembly(gauge).watch().tick();
  }
}
