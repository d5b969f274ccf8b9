package io.streamgauge.ordersync.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StandstillTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private long clock = Long.MAX_VALUE - SECOND; // it may overflow
  private final Standstill standstill = new Standstill(Duration.ofSeconds(60), () -> clock);

  @Test
  void aWaitMayLastAsLongAsSomethingMoves() {
    for (int i = 0; i < 1_000; i++) {
      clock += 59 * SECOND;
      assertThat(standstill.isReached("acks " + i)).as("after " + i + " steps").isFalse();
    }
  }

  @Test
  void aMinuteWithoutAMoveIsOne() {
    assertThat(standstill.isReached(1)).isFalse();
    clock += 60 * SECOND;
    assertThat(standstill.isReached(1)).isFalse();
    clock += SECOND;
    assertThat(standstill.isReached(1)).isTrue();
    assertThat(standstill.isReached(2)).isFalse();
  }

  @Test
  void nothingToSeeIsNoMove() {
    clock += 61 * SECOND;
    assertThat(standstill.isReached(null)).isTrue();
  }
}
