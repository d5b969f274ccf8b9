package io.streamgauge.ordersync.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeartbeatTest {

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void itAsksOnceAnIntervalAndGivesUpAfterThreeMisses() {
    Heartbeat heartbeat = new Heartbeat(100);
    heartbeat.heard(0);
    assertThat(heartbeat.isDue(millis(99))).isFalse();
    assertThat(heartbeat.isDue(millis(100))).isTrue();
    assertThat(heartbeat.isDue(millis(150))).isFalse();
    assertThat(heartbeat.isDue(millis(200))).isTrue();
    assertThat(heartbeat.isDue(millis(300))).isTrue();
    assertThat(heartbeat.isSilent(millis(400))).isFalse();
    assertThat(heartbeat.isSilent(millis(401))).isTrue();

    heartbeat.heard(millis(401));
    assertThat(heartbeat.isSilent(millis(402))).isFalse();
    assertThat(heartbeat.isDue(millis(402))).isFalse();
  }

  @Test
  void anIntervalOfZeroNeverAsks() {
    Heartbeat heartbeat = new Heartbeat(0);
    assertThat(heartbeat.isDue(millis(1_000_000))).isFalse();
    assertThat(heartbeat.isSilent(millis(1_000_000))).isFalse();
  }
}
