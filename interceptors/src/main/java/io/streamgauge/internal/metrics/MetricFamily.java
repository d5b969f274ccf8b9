package io.streamgauge.internal.metrics;

import java.util.Collections;
import java.util.List;

/** All series of one metric at one moment, immutable. */
public final class MetricFamily {

  private final MetricCatalog metric;
  private final List<MetricPoint> points;

  MetricFamily(MetricCatalog metric, List<MetricPoint> points) {
    this.metric = metric;
    this.points = Collections.unmodifiableList(points);
  }

  public MetricCatalog metric() {
    return metric;
  }

  public List<MetricPoint> points() {
    return points;
  }
}
