package io.streamgauge.internal.metrics;

import java.util.concurrent.atomic.AtomicLong;

/** The least and the greatest of some values at or above zero. Any thread adds one. */
final class Extremes {

  // As bits, which are ordered as the values are. Written only by a value beyond them.

  private final AtomicLong least = new AtomicLong(bits(Double.POSITIVE_INFINITY));
  private final AtomicLong greatest = new AtomicLong(-1);

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  void add(double value) {
    long bits = bits(value + 0.0); // minus zero has other bits
    if (bits < least.get()) {
      least.accumulateAndGet(bits, Math::min);
    }
    if (bits > greatest.get()) {
      greatest.accumulateAndGet(bits, Math::max);
    }
  }

  /** Infinity while there is none. */
  double least() {
    return Double.longBitsToDouble(least.get());
  }

  /** 0 while there is none. */
  double greatest() {
    return Double.longBitsToDouble(Math.max(0, greatest.get()));
  }
}
