package io.streamgauge.internal.metrics;

import java.util.Collections;
import java.util.List;

/** One series of a family at one moment, immutable. */
public final class MetricPoint {

  private final List<String> labelValues;
  private final double value;
  private final long[] cumulative;
  private final TraceExemplar[] exemplars;

  MetricPoint(List<String> labelValues, double value, TraceExemplar exemplar) {
    this(labelValues, value, new long[0], new TraceExemplar[] {exemplar});
  }

  MetricPoint(
      List<String> labelValues, double value, long[] cumulative, TraceExemplar[] exemplars) {
    this.labelValues = Collections.unmodifiableList(labelValues);
    this.value = value;
    this.cumulative = cumulative;
    this.exemplars = exemplars;
  }

  /** In the order of {@link MetricCatalog#labels()}. */
  public List<String> labelValues() {
    return labelValues;
  }

  /** The count or the gauge; of a histogram, the sum of its observations. */
  public double value() {
    return value;
  }

  /** Of a histogram: observations at or below each bound and, last, all of them. */
  public long cumulative(int bucket) {
    return cumulative[bucket];
  }

  /** Number of buckets, infinity included; 0 unless a histogram. */
  public int bucketCount() {
    return cumulative.length;
  }

  /** The latest exemplar of a bucket, or of a counter (0); null if there is none. */
  public TraceExemplar exemplar(int bucket) {
    return exemplars[bucket];
  }
}
