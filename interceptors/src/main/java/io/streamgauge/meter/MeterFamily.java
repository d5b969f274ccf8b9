package io.streamgauge.meter;

import java.util.Collections;
import java.util.List;

/** All series of one metric at one moment, immutable. */
public final class MeterFamily {

  private final MetricCatalog metric;
  private final List<MeterPoint> points;

  MeterFamily(MetricCatalog metric, List<MeterPoint> points) {
    this.metric = metric;
    this.points = Collections.unmodifiableList(points);
  }

  public MetricCatalog metric() {
    return metric;
  }

  public List<MeterPoint> points() {
    return points;
  }
}
