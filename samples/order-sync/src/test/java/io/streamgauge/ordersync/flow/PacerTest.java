package io.streamgauge.ordersync.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {

  private final Pacer pacer = new Pacer(10, 100);

  private int sends(int ticks, double wanted, boolean ready) {
    int sent = 0;
    for (int i = 0; i < ticks; i++) {
      pacer.tick(wanted, ready);
      while (pacer.tryAcquire()) {
        sent++;
      }
    }
    return sent;
  }

  @Test
  void theWantedRateIsLetThroughWhileAllIsWell() {
    assertThat(sends(100, 0.5, true)).isEqualTo(50);
    assertThat(pacer.factor()).isEqualTo(1);
  }

  @Test
  void anIdleSenderSavesUpOneBurstAndNoMore() {
    for (int i = 0; i < 100; i++) {
      pacer.tick(5, true);
    }
    int saved = 0;
    while (pacer.tryAcquire()) {
      saved++;
    }
    assertThat(saved).isEqualTo(10);
  }

  @Test
  void aTransportThatIsNotReadySlowsItDownAndItRecovers() {
    sends(20, 1, false);
    assertThat(pacer.factor()).isEqualTo(1.0 / 20);
    assertThat(sends(20, 1, false)).isEqualTo(1);
    sends(19, 1, true);
    assertThat(pacer.factor()).isEqualTo(1);
  }

  @Test
  void lateAcksSlowItDown() {
    for (int i = 0; i < 100; i++) {
      pacer.answered(500);
    }
    sends(1, 1, true);
    assertThat(pacer.factor()).isLessThan(1);
    for (int i = 0; i < 100; i++) {
      pacer.answered(5);
    }
    sends(20, 1, true);
    assertThat(pacer.factor()).isEqualTo(1);
  }
}
