package io.streamgauge.internal.metrics;

import io.streamgauge.internal.guard.CallPath;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The clean ends of one series (see {@link io.streamgauge.internal.stream.StreamRecorder}), by how
 * long the calls took. How many were started and handled, and how many messages went each way,
 * follows from their number: one call is two additions, and two more where bytes are known.
 *
 * <p>Threads write to stripes that lie cache lines apart; a reader adds the stripes up. Each sum
 * only rises, and so does their total.
 */
final class CleanEnds {

  private static final int STRIPES = 8;
  private static final int NANOS = 0;
  private static final int OUT = 1;
  private static final int IN = 2;
  private static final int BUCKETS = 3;

  /** Longs of a cache line. */
  private static final int LINE = 8;

  /** Upper bounds of the buckets, nanoseconds; one more has the rest. */
  private final long[] bounds;

  private final int stride;
  private final AtomicLongArray sums;

  /**
   * @param bounds of the buckets, seconds
   */
  CleanEnds(double[] bounds) {
    this.bounds = new long[bounds.length];
    for (int i = 0; i < bounds.length; i++) {
      this.bounds[i] = Math.round(bounds[i] * 1e9);
    }
    stride = (BUCKETS + bounds.length + LINE) / LINE * LINE;
    // A line before and after, so that no other object shares one.
    sums = new AtomicLongArray(LINE + STRIPES * stride + LINE);
  }

  /**
   * A clean end.
   *
   * @return the bucket it falls into
   */
  @CallPath(quick = true)
  int add(long nanos, long wireOut, long wireIn) {
    int bucket = 0;
    while (bucket < bounds.length && nanos > bounds[bucket]) {
      bucket++;
    }
    int stripe = LINE + ((int) Thread.currentThread().getId() & (STRIPES - 1)) * stride;
    sums.getAndAdd(stripe + NANOS, Math.max(0, nanos));
    if ((wireOut | wireIn) != 0) {
      sums.getAndAdd(stripe + OUT, wireOut);
      sums.getAndAdd(stripe + IN, wireIn);
    }
    sums.getAndIncrement(stripe + BUCKETS + bucket);
    return bucket;
  }

  private long sum(int what) {
    long sum = 0;
    for (int i = 0; i < STRIPES; i++) {
      sum += sums.get(LINE + i * stride + what);
    }
    return sum;
  }

  /** How many there were. */
  long count() {
    long count = 0;
    for (int i = 0; i <= bounds.length; i++) {
      count += bucket(i);
    }
    return count;
  }

  long bucket(int bucket) {
    return sum(BUCKETS + bucket);
  }

  /** How long they took together, nanoseconds. */
  long nanos() {
    return sum(NANOS);
  }

  long wireOut() {
    return sum(OUT);
  }

  long wireIn() {
    return sum(IN);
  }
}
