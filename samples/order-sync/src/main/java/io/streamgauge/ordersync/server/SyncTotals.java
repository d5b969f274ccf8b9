package io.streamgauge.ordersync.server;

import java.util.concurrent.atomic.LongAdder;

/** What the server did, for its closing line; any thread counts. */
public final class SyncTotals {

  private final LongAdder applied = new LongAdder();
  private final LongAdder grayApplied = new LongAdder();
  private final LongAdder grayShipped = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /** An update was stored for the first time. */
  void applied(boolean gray) {
    applied.increment();
    if (gray) {
      grayApplied.increment();
    }
  }

  void grayShipped() {
    grayShipped.increment();
  }

  /** An update was not taken and must be sent again. */
  void refused() {
    refused.increment();
  }

  @Override
  public String toString() {
    return "applied="
        + applied
        + " gray_applied="
        + grayApplied
        + " gray_shipped="
        + grayShipped
        + " refused="
        + refused;
  }
}
