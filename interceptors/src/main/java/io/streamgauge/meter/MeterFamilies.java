package io.streamgauge.meter;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The families of a snapshot while it is being built. */
final class MeterFamilies {

  private final Map<MetricCatalog, List<MeterPoint>> points = new EnumMap<>(MetricCatalog.class);

  MeterFamilies() {
    for (MetricCatalog metric : MetricCatalog.values()) {
      points.put(metric, new ArrayList<>());
    }
  }

  void add(MetricCatalog metric, List<String> labelValues, LongAdder value) {
    add(metric, labelValues, value.sum());
  }

  void add(MetricCatalog metric, List<String> labelValues, double value) {
    add(metric, new MeterPoint(labelValues, value, null));
  }

  /** Adds a point; a histogram without observations has none. */
  void add(MetricCatalog metric, MeterPoint point) {
    if (point != null) {
      points.get(metric).add(point);
    }
  }

  MeterSnapshot build() {
    List<MeterFamily> families = new ArrayList<>();
    points.forEach((metric, list) -> families.add(new MeterFamily(metric, list)));
    return new MeterSnapshot(families);
  }
}
