package io.streamgauge.meter;

import java.util.Collections;
import java.util.List;

/** The whole catalogue at one moment, immutable: the only currency exporters deal in. */
public final class MeterSnapshot {

  private final List<MeterFamily> families;

  MeterSnapshot(List<MeterFamily> families) {
    this.families = Collections.unmodifiableList(families);
  }

  /** In catalogue order; a family without series is present and empty. */
  public List<MeterFamily> families() {
    return families;
  }
}
