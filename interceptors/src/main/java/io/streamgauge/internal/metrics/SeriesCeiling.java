package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.WatchedMethod;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many series a metric may have. The OpenTelemetry SDK cuts off at 2,000 by default; ours trips
 * first, so that we count what is left out, and both exporters leave out the same.
 *
 * <p>Unregistered method names ({@link WatchedMethod#isRegistered}) share a part of it. A caller
 * may invent such a name, and a proxy sends it on; the registered methods keep the rest.
 */
final class SeriesCeiling {

  /** Series per metric. */
  static final int MAX_SERIES = 1_900;

  /** Methods and lanes of unregistered names that have series of their own. */
  static final int MAX_UNREGISTERED = 100;

  /** Status codes that such a name has on average. */
  private static final int CODES_EACH = 3;

  private final Map<MetricCatalog, AtomicInteger> admitted = new EnumMap<>(MetricCatalog.class);
  private final LongAdder dropped = new LongAdder();

  /** What the share is taken from; null for the whole. */
  private final SeriesCeiling whole;

  /** The share of unregistered names; null for the share itself. */
  private final SeriesCeiling unregistered;

  SeriesCeiling() {
    this(null);
  }

  private SeriesCeiling(SeriesCeiling whole) {
    this.whole = whole;
    this.unregistered = whole == null ? new SeriesCeiling(this) : null;
    for (MetricCatalog metric : MetricCatalog.values()) {
      admitted.put(metric, new AtomicInteger());
    }
  }

  /**
   * The ceiling of a method's series. It is lower for methods that were not registered, so that
   * they never use up the series of registered methods.
   */
  SeriesCeiling of(WatchedMethod method) {
    return method.isRegistered() || method == WatchedMethod.OTHER ? this : unregistered;
  }

  private int max(MetricCatalog metric) {
    if (whole == null) {
      return MAX_SERIES;
    }
    boolean byCode =
        metric == MetricCatalog.SERVER_HANDLED || metric == MetricCatalog.CLIENT_HANDLED;
    return MAX_UNREGISTERED * (byCode ? CODES_EACH : Series.each(metric));
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
