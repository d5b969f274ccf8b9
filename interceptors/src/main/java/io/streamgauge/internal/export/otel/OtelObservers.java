package io.streamgauge.internal.export.otel;

import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableMeasurement;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.MetricFamily;
import io.streamgauge.internal.metrics.MetricPoint;
import io.streamgauge.internal.metrics.MetricSnapshot;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Shows the catalogue through the OpenTelemetry metrics API. Sums are observed, all from one
 * snapshot per collection; gauges that are sums become up-down counters, because the values of two
 * class loaders must add up, and only maxima become gauges. Stalls are recorded by {@link
 * OtelStalls}, and histograms by {@link OtelHistograms} unless the SDK takes them when it collects.
 */
public final class OtelObservers {

  private static final String SITE = "otel.collect";

  private final Guard guard;
  private final Supplier<MetricSnapshot> snapshots;
  private final Map<MetricCatalog, ObservableDoubleMeasurement> instruments =
      new EnumMap<>(MetricCatalog.class);

  private OtelObservers(Guard guard, Supplier<MetricSnapshot> snapshots) {
    this.guard = guard;
    this.snapshots = snapshots;
  }

  /**
   * Registers all observed instruments.
   *
   * @return undoes the registration
   */
  public static Runnable register(Guard guard, Supplier<MetricSnapshot> snapshots, Meter meter) {
    OtelObservers meters = new OtelObservers(guard, snapshots);
    for (MetricCatalog metric : MetricCatalog.values()) {
      // Histograms and stalls carry exemplars, which only synchronous instruments can.
      if (metric.type() != MetricCatalog.Type.HISTOGRAM && metric != MetricCatalog.STREAM_STALLS) {
        meters.instruments.put(metric, instrument(meter, metric));
      }
    }
    ObservableMeasurement[] all = meters.instruments.values().toArray(new ObservableMeasurement[0]);
    BatchCallback callback =
        meter.batchCallback(
            meters::collect, all[0], java.util.Arrays.copyOfRange(all, 1, all.length));
    return callback::close;
  }

  private static ObservableDoubleMeasurement instrument(Meter meter, MetricCatalog metric) {
    String name = metric.instrumentName();
    switch (metric.type()) {
      case COUNTER:
        return meter
            .counterBuilder(name)
            .ofDoubles()
            .setUnit(metric.unit())
            .setDescription(metric.help())
            .buildObserver();
      case SUM:
        return meter
            .upDownCounterBuilder(name)
            .ofDoubles()
            .setUnit(metric.unit())
            .setDescription(metric.help())
            .buildObserver();
      default:
        return meter
            .gaugeBuilder(name)
            .setUnit(metric.unit())
            .setDescription(metric.help())
            .buildObserver();
    }
  }

  private void collect() {
    try {
      for (MetricFamily family : snapshots.get().families()) {
        ObservableDoubleMeasurement instrument = instruments.get(family.metric());
        if (instrument != null) {
          for (MetricPoint point : family.points()) {
            instrument.record(
                point.value(), OtelAttributes.of(family.metric().labels(), point.labelValues()));
          }
        }
      }
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
  }
}
