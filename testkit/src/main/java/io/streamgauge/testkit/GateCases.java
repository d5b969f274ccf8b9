package io.streamgauge.testkit;

import java.util.concurrent.atomic.AtomicLong;

/** How many things the test that runs now has tried. */
public final class GateCases {

  private static final AtomicLong SAID = new AtomicLong();

  private GateCases() {}

  /** Says that so many more cases were tried and held. */
  public static void add(long cases) {
    SAID.addAndGet(cases);
  }

  /** What was said since the last time; a test that said nothing is one case. */
  static long take() {
    return Math.max(1, SAID.getAndSet(0));
  }
}
