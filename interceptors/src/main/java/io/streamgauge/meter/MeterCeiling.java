package io.streamgauge.meter;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many series a metric may have. The OpenTelemetry SDK cuts off at 2,000 by default; ours trips
 * first, so that what is left out is counted by us and is the same on every road.
 */
final class MeterCeiling {

  /** Series per metric. */
  static final int MAX_SERIES = 1_900;

  private final Map<MetricCatalog, AtomicInteger> admitted = new EnumMap<>(MetricCatalog.class);
  private final LongAdder dropped = new LongAdder();

  MeterCeiling() {
    for (MetricCatalog metric : MetricCatalog.values()) {
      admitted.put(metric, new AtomicInteger());
    }
  }

  /** Takes room for {@code series} more, or counts the refusal. */
  boolean admit(MetricCatalog metric, int series) {
    AtomicInteger count = admitted.get(metric);
    if (count.addAndGet(series) <= MAX_SERIES) {
      return true;
    }
    count.addAndGet(-series);
    dropped.add(series);
    return false;
  }

  void release(MetricCatalog metric, int series) {
    admitted.get(metric).addAndGet(-series);
  }

  int used(MetricCatalog metric) {
    return admitted.get(metric).get();
  }

  long dropped() {
    return dropped.sum();
  }
}
