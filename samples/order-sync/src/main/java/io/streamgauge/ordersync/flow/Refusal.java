package io.streamgauge.ordersync.flow;

import java.util.Locale;

/** Why an item was not taken; the names are a label of a counter. */
public enum Refusal {
  REJECTED_NEW,
  DROPPED_OLDEST,
  WAITED_TOO_LONG,
  RATE_LIMITED,
  OUT_OF_SEQUENCE,
  NOT_STORED;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
