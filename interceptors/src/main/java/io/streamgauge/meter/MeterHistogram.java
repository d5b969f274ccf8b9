package io.streamgauge.meter;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Buckets of one series. Written at most once per event (a call's end), never per message; striped
 * adders because ends of unrelated streams meet here.
 */
final class MeterHistogram {

  private final double[] bounds;
  private final LongAdder[] buckets;
  private final DoubleAdder sum = new DoubleAdder();

  MeterHistogram(double[] bounds) {
    this.bounds = bounds;
    this.buckets = new LongAdder[bounds.length + 1];
    Arrays.setAll(buckets, i -> new LongAdder());
  }

  void observe(double value) {
    int i = 0;
    while (i < bounds.length && value > bounds[i]) {
      i++;
    }
    sum.add(value);
    buckets[i].increment();
  }

  MeterPoint point(java.util.List<String> labelValues) {
    long[] cumulative = new long[buckets.length];
    long total = 0;
    for (int i = 0; i < buckets.length; i++) {
      total += buckets[i].sum();
      cumulative[i] = total;
    }
    return new MeterPoint(labelValues, sum.sum(), cumulative);
  }
}
