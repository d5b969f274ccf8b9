package io.streamgauge.internal.export.prometheus;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exemplars.Exemplar;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.MetricFamily;
import io.streamgauge.internal.metrics.MetricPoint;
import io.streamgauge.internal.metrics.MetricSnapshot;
import io.streamgauge.internal.metrics.TraceExemplar;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/** Shows the catalogue in a simpleclient registry; everything is read at scrape time. */
public final class PrometheusCollector extends Collector implements Collector.Describable {

  private static final String SITE = "prometheus.collect";

  private final Guard guard;
  private final Supplier<MetricSnapshot> snapshots;
  private final CollectorRegistry registry;

  private PrometheusCollector(
      Guard guard, Supplier<MetricSnapshot> snapshots, CollectorRegistry registry) {
    this.guard = guard;
    this.snapshots = snapshots;
    this.registry = registry;
  }

  /**
   * Registers the catalogue.
   *
   * @return undoes the registration
   * @throws IllegalStateException if the registry already holds one of the names
   */
  public static Runnable register(
      Guard guard, Supplier<MetricSnapshot> snapshots, CollectorRegistry registry) {
    PrometheusCollector collector = new PrometheusCollector(guard, snapshots, registry);
    try {
      registry.register(collector);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "the Prometheus registry already holds a Streamgauge name ("
              + e.getMessage()
              + "): one registry carries one gauge; close the first, share it, or give this one a"
              + " registry of its own",
          e);
    }
    return collector::unregister;
  }

  private void unregister() {
    registry.unregister(this);
  }

  @Override
  public List<MetricFamilySamples> collect() {
    List<MetricFamilySamples> out = new ArrayList<>();
    try {
      for (MetricFamily family : snapshots.get().families()) {
        out.add(samples(family));
      }
    } catch (Throwable t) {
      // The application's own metrics are in the same scrape.
      guard.swallow(SITE, t);
    }
    return out;
  }

  @Override
  public List<MetricFamilySamples> describe() {
    List<MetricFamilySamples> out = new ArrayList<>();
    for (MetricCatalog metric : MetricCatalog.values()) {
      out.add(family(metric, Collections.emptyList()));
    }
    return out;
  }

  private static MetricFamilySamples samples(MetricFamily family) {
    MetricCatalog metric = family.metric();
    List<MetricFamilySamples.Sample> samples = new ArrayList<>();
    for (MetricPoint point : family.points()) {
      if (metric.type() == MetricCatalog.Type.HISTOGRAM) {
        histogram(metric, point, samples);
      } else {
        samples.add(
            new MetricFamilySamples.Sample(
                metric.exposedName(),
                metric.labels(),
                point.labelValues(),
                point.value(),
                exemplar(point.exemplar(0))));
      }
    }
    return family(metric, samples);
  }

  private static void histogram(
      MetricCatalog metric, MetricPoint point, List<MetricFamilySamples.Sample> samples) {
    List<String> names = new ArrayList<>(metric.labels());
    names.add("le");
    double[] bounds = metric.buckets();
    int last = point.bucketCount() - 1;
    for (int i = 0; i <= last; i++) {
      List<String> values = new ArrayList<>(point.labelValues());
      values.add(doubleToGoString(i == last ? Double.POSITIVE_INFINITY : bounds[i]));
      samples.add(
          new MetricFamilySamples.Sample(
              metric.baseName() + "_bucket",
              names,
              values,
              point.cumulative(i),
              exemplar(point.exemplar(i))));
    }
    samples.add(
        new MetricFamilySamples.Sample(
            metric.baseName() + "_count",
            metric.labels(),
            point.labelValues(),
            point.cumulative(last)));
    samples.add(
        new MetricFamilySamples.Sample(
            metric.baseName() + "_sum", metric.labels(), point.labelValues(), point.value()));
  }

  private static Exemplar exemplar(TraceExemplar from) {
    return from == null
        ? null
        : new Exemplar(
            from.value(),
            from.timestampMillis(),
            "trace_id",
            from.traceId(),
            "span_id",
            from.spanId());
  }

  private static Type type(MetricCatalog.Type type) {
    switch (type) {
      case COUNTER:
        return Type.COUNTER;
      case HISTOGRAM:
        return Type.HISTOGRAM;
      default:
        return Type.GAUGE;
    }
  }

  /** OpenMetrics wants the unit as it ends the name. */
  private static String unit(MetricCatalog metric) {
    switch (metric.unit()) {
      case "s":
        return "seconds";
      case "By":
        return "bytes";
      default:
        return "";
    }
  }

  private static MetricFamilySamples family(
      MetricCatalog metric, List<MetricFamilySamples.Sample> samples) {
    return new MetricFamilySamples(
        metric.baseName(), unit(metric), type(metric.type()), metric.help(), samples);
  }
}
