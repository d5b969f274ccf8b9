package io.streamgauge.meter;

import io.streamgauge.stream.StreamMethod;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many series a metric may have. The OpenTelemetry SDK cuts off at 2,000 by default; ours trips
 * first, so that what is left out is counted by us and is the same on every road.
 *
 * <p>Names that nobody has registered have a small share of it: a proxy passes on whatever its
 * callers make up, and the methods of the process itself must still find room.
 */
final class MeterCeiling {

  /** Series per metric. */
  static final int MAX_SERIES = 1_900;

  /** Methods and lanes of unregistered names that have series of their own. */
  static final int MAX_UNREGISTERED = 100;

  /** Status codes that such a name has on average. */
  private static final int CODES_EACH = 3;

  private final Map<MetricCatalog, AtomicInteger> admitted = new EnumMap<>(MetricCatalog.class);
  private final LongAdder dropped = new LongAdder();

  /** What the share is taken from; null for the whole. */
  private final MeterCeiling whole;

  /** The share of unregistered names; null for the share itself. */
  private final MeterCeiling unregistered;

  MeterCeiling() {
    this(null);
  }

  private MeterCeiling(MeterCeiling whole) {
    this.whole = whole;
    this.unregistered = whole == null ? new MeterCeiling(this) : null;
    for (MetricCatalog metric : MetricCatalog.values()) {
      admitted.put(metric, new AtomicInteger());
    }
  }

  /** The ceiling for the series of that method. */
  MeterCeiling of(StreamMethod method) {
    return method.isRegistered() || method == StreamMethod.OTHER ? this : unregistered;
  }

  private int max(MetricCatalog metric) {
    return whole == null ? MAX_SERIES : MAX_UNREGISTERED * each(metric);
  }

  /** Series of one name, on both sides where they share the metric. */
  private static int each(MetricCatalog metric) {
    switch (metric) {
      case SERVER_HANDLED:
      case CLIENT_HANDLED:
        return CODES_EACH;
      case STREAM_ACTIVE:
        return 2;
      case STREAM_WIRE_BYTES:
        return 4;
      case STREAM_BUFFER_BYTES:
        return 6;
      case STREAM_BUFFER_DEPTH:
        return 8;
      case STREAM_STALLED:
        return 9;
      default:
        return 1;
    }
  }

  /** Takes room for {@code series} more, or counts the refusal. */
  boolean admit(MetricCatalog metric, int series) {
    AtomicInteger count = admitted.get(metric);
    if (count.addAndGet(series) > max(metric)) {
      count.addAndGet(-series);
      (whole == null ? this : whole).dropped.add(series);
      return false;
    }
    if (whole != null && !whole.admit(metric, series)) {
      count.addAndGet(-series);
      return false;
    }
    return true;
  }

  void release(MetricCatalog metric, int series) {
    admitted.get(metric).addAndGet(-series);
    if (whole != null) {
      whole.release(metric, series);
    }
  }

  int used(MetricCatalog metric) {
    return admitted.get(metric).get();
  }

  long dropped() {
    return dropped.sum();
  }
}
