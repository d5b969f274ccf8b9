package io.streamgauge.ordersync.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlidingWindowLimiterTest {

  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  /** Where a counter that is reset ten times a second lets twice as many through. */
  @Test
  void aBurstAcrossAnEdgeIsNotTwiceTheLimit() {
    SlidingWindowLimiter limiter = new SlidingWindowLimiter();
    int admitted = 0;
    for (long at : new long[] {95, 105}) {
      for (int i = 0; i < 100; i++) {
        admitted += limiter.tryAcquire(at * MILLI, 50) ? 1 : 0;
      }
    }
    assertThat(admitted).isEqualTo(50);
    assertThat(limiter.tryAcquire(194 * MILLI, 50)).isFalse();
    assertThat(limiter.tryAcquire(195 * MILLI, 50)).isTrue();
  }

  @Test
  void noWindowHoldsMoreThanTheLimitAndASteadyRateBelowItPasses() {
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      int limit = 1 + random.nextInt(20);
      SlidingWindowLimiter limiter = new SlidingWindowLimiter();
      List<Long> admitted = new ArrayList<>();
      long now = random.nextLong() / 4;
      for (int i = 0; i < 2_000; i++) {
        now += random.nextInt(3) == 0 ? random.nextLong(30 * MILLI) : random.nextLong(MILLI);
        if (limiter.tryAcquire(now, limit)) {
          admitted.add(now);
        }
      }
      for (int i = limit; i < admitted.size(); i++) {
        assertThat(admitted.get(i) - admitted.get(i - limit))
            .isGreaterThanOrEqualTo(SlidingWindowLimiter.WINDOW_NANOS);
      }
    }
    SlidingWindowLimiter limiter = new SlidingWindowLimiter();
    for (int i = 0; i < 1_000; i++) {
      assertThat(limiter.tryAcquire(i * 10L * MILLI, 10)).isTrue();
    }
  }

  @Test
  void aNewLimitCountsFromThenOn() {
    SlidingWindowLimiter limiter = new SlidingWindowLimiter();
    assertThat(limiter.tryAcquire(0, 1)).isTrue();
    assertThat(limiter.tryAcquire(1, 1)).isFalse();
    assertThat(limiter.tryAcquire(2, 2)).isTrue();
    assertThat(limiter.tryAcquire(3, 2)).isTrue();
    assertThat(limiter.tryAcquire(4, 2)).isFalse();
  }
}
