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
    observe(value, stream, stream.sampled() ? stream.now() : 0);
  }

  /** As the other one, at a time that was read already. */
  void observe(double value, StreamRecorder stream, long nowNanos) {
    int i = 0;
    while (i < bounds.length && value > bounds[i]) {
      i++;
    }
    sum.add(value);
    buckets[i].increment();
    exemplify(i, value, stream, nowNanos);
  }

  /**
   * The stream is an example of what is in that bucket.
   *
   * @param nowNanos by the clock of the streams; needed only if the stream's trace is recorded
   */
  void exemplify(int i, double value, StreamRecorder stream, long nowNanos) {
    if (!stream.sampled()) {
      return;
    }
    TraceExemplar known = exemplars.get(i);
    // One of a moment ago, or a stream's own of seconds ago, shows as much and is no garbage.
    if (known == null || !known.isFresh(stream, nowNanos)) {
      TraceExemplar exemplar = TraceExemplar.of(value, stream);
      if (exemplar != null) {
        exemplars.lazySet(i, exemplar);
      }
    }
  }

  /** Null while nothing was observed. */
  MetricPoint point(List<String> labelValues) {
    return point(labelValues, null);
  }

  /**
   * The same with other values of the same buckets.
   *
   * @param others null for none
   */
  MetricPoint point(List<String> labelValues, CleanEnds others) {
    long[] cumulative = new long[buckets.length];
    TraceExemplar[] latest = new TraceExemplar[buckets.length];
    long total = 0;
    for (int i = 0; i < buckets.length; i++) {
      total += buckets[i].sum() + (others == null ? 0 : others.bucket(i));
      cumulative[i] = total;
      latest[i] = exemplars.get(i);
    }
    if (total == 0) {
      return null;
    }
    double all = sum.sum() + (others == null ? 0 : others.nanos() / 1e9);
    return new MetricPoint(labelValues, all, cumulative, latest);
  }
}
