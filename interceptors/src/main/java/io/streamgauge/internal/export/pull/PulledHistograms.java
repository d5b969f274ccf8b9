package io.streamgauge.internal.export.pull;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.DoubleExemplarData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.internal.data.ImmutableHistogramPointData;
import io.opentelemetry.sdk.metrics.internal.data.ImmutableMetricData;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Cumulative histograms by name and attributes; those of one name and one set of attributes are
 * added up, as the SDK does with what is recorded. For one thread at a time.
 */
public final class PulledHistograms {

  /** How many points of one name the SDK keeps by default; the last one is {@link #OVERFLOW}. */
  private static final int MAX_POINTS = 2_000;

  /** The attributes under which the SDK adds up the values that have no point of their own. */
  private static final Attributes OVERFLOW =
      Attributes.of(AttributeKey.booleanKey("otel.metric.overflow"), true);

  private final Map<String, Metric> metrics = new LinkedHashMap<>();

  /** A histogram without points. */
  public Metric metric(String name, String unit, String help, double[] bounds) {
    return metrics.computeIfAbsent(name, key -> new Metric(unit, help, bounds));
  }

  void addAll(PulledHistograms others) {
    others.metrics.forEach(
        (name, other) -> {
          Metric own = metric(name, other.unit, other.help, other.bounds);
          other.points.forEach((attributes, point) -> own.add(attributes, point));
        });
  }

  /** As the SDK exports them; those without points are left out. */
  public Collection<MetricData> data(
      Resource resource, InstrumentationScopeInfo scope, long nowNanos) {
    List<MetricData> data = new ArrayList<>();
    metrics.forEach(
        (name, metric) -> {
          if (!metric.points.isEmpty()) {
            data.add(
                ImmutableMetricData.createDoubleHistogram(
                    resource, scope, name, metric.help, metric.unit, metric.data(nowNanos)));
          }
        });
    return data;
  }

  /** The histograms of one name. */
  public static final class Metric {
    private final String unit;
    private final String help;
    private final double[] bounds;
    private final Map<Attributes, Point> points = new LinkedHashMap<>();

    private Metric(String unit, String help, double[] bounds) {
      this.unit = unit;
      this.help = help;
      this.bounds = bounds;
    }

    /** Takes over the point, or what it says. */
    public void add(Attributes attributes, Point point) {
      boolean isNew = !points.containsKey(attributes);
      boolean isFull = points.size() >= MAX_POINTS - 1;
      points.merge(isNew && isFull ? OVERFLOW : attributes, point, Point::plus);
    }

    private HistogramData data(long nowNanos) {
      List<Double> boundaries = new ArrayList<>();
      for (double bound : bounds) {
        boundaries.add(bound);
      }
      return HistogramData.create(
          AggregationTemporality.CUMULATIVE,
          points.entrySet().stream()
              .map(entry -> entry.getValue().data(entry.getKey(), boundaries, nowNanos))
              .collect(Collectors.toList()));
    }
  }

  /** What was counted under one set of attributes; never changed. */
  public static final class Point {
    private final long startNanos;
    private final long[] counts;
    private final double sum;
    private final double least;
    private final double greatest;
    private final DoubleExemplarData[] exemplars;

    /**
     * @param startNanos since when it counts, wall clock
     * @param counts of each bucket
     * @param exemplars of each bucket, or null
     */
    public Point(
        long startNanos,
        long[] counts,
        double sum,
        double least,
        double greatest,
        DoubleExemplarData[] exemplars) {
      this.startNanos = startNanos;
      this.counts = counts;
      this.sum = sum;
      this.least = least;
      this.greatest = greatest;
      this.exemplars = exemplars;
    }

    private Point plus(Point other) {
      long[] both = counts.clone();
      DoubleExemplarData[] latest = exemplars.clone();
      for (int i = 0; i < both.length; i++) {
        both[i] += other.counts[i];
        DoubleExemplarData theirs = other.exemplars[i];
        if (theirs != null
            && (latest[i] == null || theirs.getEpochNanos() > latest[i].getEpochNanos())) {
          latest[i] = theirs;
        }
      }
      return new Point(
          Math.min(startNanos, other.startNanos),
          both,
          sum + other.sum,
          Math.min(least, other.least),
          Math.max(greatest, other.greatest),
          latest);
    }

    private HistogramPointData data(Attributes attributes, List<Double> bounds, long nowNanos) {
      List<Long> all = new ArrayList<>();
      for (long count : counts) {
        all.add(count);
      }
      List<DoubleExemplarData> examples = new ArrayList<>();
      for (DoubleExemplarData exemplar : exemplars) {
        if (exemplar != null) {
          examples.add(exemplar);
        }
      }
      return ImmutableHistogramPointData.create(
          Math.min(startNanos, nowNanos), // the SDK's clock may be the user's own
          nowNanos,
          attributes,
          sum,
          true,
          least,
          true,
          greatest,
          bounds,
          all,
          examples);
    }
  }
}
