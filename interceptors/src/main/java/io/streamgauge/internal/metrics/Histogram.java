package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;

/**
 * Buckets of one series. Written once per event (a call's end, a sampled message); striped adders
 * because unrelated streams meet here. Each bucket keeps an exemplar of the latest stream.
 */
final class Histogram {

  private final double[] bounds;
  private final LongAdder[] buckets;
  private final DoubleAdder sum = new DoubleAdder();
  private final Extremes extremes = new Extremes();
  private final Exemplars exemplars;

  Histogram(double[] bounds) {
    this.bounds = bounds;
    this.buckets = new LongAdder[bounds.length + 1];
    this.exemplars = new Exemplars(buckets.length);
    Arrays.setAll(buckets, i -> new LongAdder());
  }

  void observe(double value, StreamRecorder stream) {
    observe(value, stream, stream.sampled() ? stream.now() : 0);
  }

  /** As the other one, at a time that was read already. */
  void observe(double value, StreamRecorder stream, long nowNanos) {
    int i = CallBounds.bucket(bounds, value);
    extremes.add(value);
    sum.add(value);
    buckets[i].increment();
    exemplars.add(i, value, stream, nowNanos);
  }

  /** Null while nothing was observed. */
  MetricPoint point(SeriesLabels series, List<String> labelValues) {
    return point(series, labelValues, null, IntUnaryOperator.identity());
  }

  /**
   * The same with the clean ends of calls.
   *
   * @param others null for none
   * @param bucketOf the bucket of this histogram for one of theirs
   */
  MetricPoint point(
      SeriesLabels series, List<String> labelValues, CleanEnds others, IntUnaryOperator bucketOf) {
    long[] counts = new long[buckets.length];
    TraceExemplar[] latest = new TraceExemplar[buckets.length];
    for (int i = 0; i < buckets.length; i++) {
      counts[i] = buckets[i].sum();
      latest[i] = exemplars.get(i);
    }
    double all = sum.sum();
    double least = extremes.least();
    double greatest = extremes.greatest();
    if (others != null) {
      for (int i = 0; i < CallBounds.count(); i++) {
        int own = bucketOf.applyAsInt(i);
        counts[own] += others.bucket(i);
        latest[own] = TraceExemplar.latest(latest[own], others.exemplar(i));
      }
      all += others.nanos() / 1e9;
      least = Math.min(least, others.leastSeconds());
      greatest = Math.max(greatest, others.greatestSeconds());
    }
    for (int i = 1; i < counts.length; i++) {
      counts[i] += counts[i - 1];
    }
    return counts[counts.length - 1] == 0
        ? null
        : new MetricPoint(labelValues, all, counts, latest, least, greatest, series.sinceMillis());
  }
}
