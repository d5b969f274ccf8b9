package io.streamgauge.internal.metrics;

import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;
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
  private static final int LEAST = 3;
  private static final int GREATEST = 4;
  private static final int BUCKETS = 5;

  /** Longs of a cache line. */
  private static final int LINE = 8;

  private static final int STRIDE = (BUCKETS + CallBounds.count() + LINE - 1) / LINE * LINE;

  // A line before and after, so that no other object shares one.
  private final AtomicLongArray sums = new AtomicLongArray(LINE + STRIPES * STRIDE + LINE);

  private final Exemplars exemplars = new Exemplars(CallBounds.count());

  CleanEnds() {
    for (int i = 0; i < STRIPES; i++) {
      sums.set(LINE + i * STRIDE + LEAST, Long.MAX_VALUE);
    }
  }

  /**
   * A clean end.
   *
   * @param nanos how long the call took, not below zero
   * @param nowNanos by the clock of the streams
   */
  @CallPath(quick = true)
  void add(StreamRecorder stream, long nanos, long nowNanos) {
    long wireOut = stream.cleanWireOut();
    long wireIn = stream.cleanWireIn();
    int bucket = CallBounds.bucket(nanos);
    int stripe = LINE + ((int) Thread.currentThread().getId() & (STRIPES - 1)) * STRIDE;
    if (nanos < sums.get(stripe + LEAST)) {
      sums.accumulateAndGet(stripe + LEAST, nanos, Math::min);
    }
    if (nanos > sums.get(stripe + GREATEST)) {
      sums.accumulateAndGet(stripe + GREATEST, nanos, Math::max);
    }
    sums.getAndAdd(stripe + NANOS, nanos);
    if ((wireOut | wireIn) != 0) {
      sums.getAndAdd(stripe + OUT, wireOut);
      sums.getAndAdd(stripe + IN, wireIn);
    }
    sums.getAndIncrement(stripe + BUCKETS + bucket);
    exemplars.add(bucket, nanos / 1e9, stream, nowNanos);
  }

  private long sum(int what) {
    long sum = 0;
    for (int i = 0; i < STRIPES; i++) {
      sum += sums.get(LINE + i * STRIDE + what);
    }
    return sum;
  }

  /** How many there were. */
  long count() {
    long count = 0;
    for (int i = 0; i < CallBounds.count(); i++) {
      count += bucket(i);
    }
    return count;
  }

  long bucket(int bucket) {
    return sum(BUCKETS + bucket);
  }

  TraceExemplar exemplar(int bucket) {
    return exemplars.get(bucket);
  }

  /** How long they took together, nanoseconds. */
  long nanos() {
    return sum(NANOS);
  }

  /** Infinity while there is none. */
  double leastSeconds() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < STRIPES; i++) {
      least = Math.min(least, sums.get(LINE + i * STRIDE + LEAST));
    }
    return least == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : least / 1e9;
  }

  /** 0 while there is none. */
  double greatestSeconds() {
    long greatest = 0;
    for (int i = 0; i < STRIPES; i++) {
      greatest = Math.max(greatest, sums.get(LINE + i * STRIDE + GREATEST));
    }
    return greatest / 1e9;
  }

  long wireOut() {
    return sum(OUT);
  }

  long wireIn() {
    return sum(IN);
  }
}
