package io.streamgauge.internal.metrics;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The families of a snapshot while it is being built. */
final class SnapshotBuilder {

  private final Map<MetricCatalog, List<MetricPoint>> points = new EnumMap<>(MetricCatalog.class);

  SnapshotBuilder() {
    for (MetricCatalog metric : MetricCatalog.values()) {
      points.put(metric, new ArrayList<>());
    }
  }

  void add(MetricCatalog metric, List<String> labelValues, LongAdder value) {
    add(metric, labelValues, value.sum());
  }

  void add(MetricCatalog metric, List<String> labelValues, double value) {
    add(metric, new MetricPoint(labelValues, value, null));
  }

  /** Adds a point; a histogram without observations has none. */
  void add(MetricCatalog metric, MetricPoint point) {
    if (point != null) {
      points.get(metric).add(point);
    }
  }

  MetricSnapshot build() {
    List<MetricFamily> families = new ArrayList<>();
    points.forEach((metric, list) -> families.add(new MetricFamily(metric, list)));
    return new MetricSnapshot(families);
  }
}
