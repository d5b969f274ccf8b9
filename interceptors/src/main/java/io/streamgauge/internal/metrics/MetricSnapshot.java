package io.streamgauge.internal.metrics;

import java.util.Collections;
import java.util.List;

/** The whole catalogue at one moment, immutable: the only currency exporters deal in. */
public final class MetricSnapshot {

  private final List<MetricFamily> families;

  MetricSnapshot(List<MetricFamily> families) {
    this.families = Collections.unmodifiableList(families);
  }

  /** In catalogue order; a family without series is present and empty. */
  public List<MetricFamily> families() {
    return families;
  }
}
