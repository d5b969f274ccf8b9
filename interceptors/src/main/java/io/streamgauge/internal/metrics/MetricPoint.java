package io.streamgauge.internal.metrics;

import java.util.Collections;
import java.util.List;

/** One series of a family at one moment, immutable. */
public final class MetricPoint {

  private final List<String> labelValues;
  private final double value;
  private final long[] cumulative;
  private final TraceExemplar[] exemplars;
  private final double least;
  private final double greatest;
  private final long sinceMillis;

  MetricPoint(List<String> labelValues, double value, TraceExemplar exemplar) {
    this(labelValues, value, new long[0], new TraceExemplar[] {exemplar}, value, value, 0);
  }

  MetricPoint(
      List<String> labelValues,
      double value,
      long[] cumulative,
      TraceExemplar[] exemplars,
      double least,
      double greatest,
      long sinceMillis) {
    this.labelValues = Collections.unmodifiableList(labelValues);
    this.value = value;
    this.cumulative = cumulative;
    this.exemplars = exemplars;
    this.least = least;
    this.greatest = greatest;
    this.sinceMillis = sinceMillis;
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

  /** Of a histogram: the least value that was observed. */
  public double least() {
    return least;
  }

  /** Of a histogram: the greatest value that was observed. */
  public double greatest() {
    return greatest;
  }

  /** Of a histogram: since when it counts, wall clock. */
  public long sinceMillis() {
    return sinceMillis;
  }

  /** The latest exemplar of a bucket, or of a counter (0); null if there is none. */
  public TraceExemplar exemplar(int bucket) {
    return exemplars[bucket];
  }
}
