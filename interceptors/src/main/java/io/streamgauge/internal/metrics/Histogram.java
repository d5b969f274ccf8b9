package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Buckets of one series. Written once per event (a call's end, a sampled message); striped adders
 * because unrelated streams meet here. Each bucket keeps an exemplar of the latest stream.
 */
final class Histogram {

  private final double[] bounds;
  private final LongAdder[] buckets;
  private final DoubleAdder sum = new DoubleAdder();
  private final AtomicReferenceArray<TraceExemplar> exemplars;

  Histogram(double[] bounds) {
    this.bounds = bounds;
    this.buckets = new LongAdder[bounds.length + 1];
    this.exemplars = new AtomicReferenceArray<>(buckets.length);
    Arrays.setAll(buckets, i -> new LongAdder());
  }

  void observe(double value, StreamRecorder stream) {
    int i = 0;
    while (i < bounds.length && value > bounds[i]) {
      i++;
    }
    sum.add(value);
    buckets[i].increment();
    TraceExemplar known = exemplars.get(i);
    // A stream's own value of seconds ago shows as much, and is no garbage every few messages.
    if (known == null || !known.isFreshOf(stream)) {
      TraceExemplar exemplar = TraceExemplar.of(value, stream);
      if (exemplar != null) {
        exemplars.lazySet(i, exemplar);
      }
    }
  }

  /** Null while nothing was observed. */
  MetricPoint point(List<String> labelValues) {
    long[] cumulative = new long[buckets.length];
    TraceExemplar[] latest = new TraceExemplar[buckets.length];
    long total = 0;
    for (int i = 0; i < buckets.length; i++) {
      total += buckets[i].sum();
      cumulative[i] = total;
      latest[i] = exemplars.get(i);
    }
    return total == 0 ? null : new MetricPoint(labelValues, sum.sum(), cumulative, latest);
  }
}
