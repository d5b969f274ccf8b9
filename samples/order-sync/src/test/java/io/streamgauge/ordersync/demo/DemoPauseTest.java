package io.streamgauge.ordersync.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoPauseTest {

  private static final DemoPorts PORTS = new DemoPorts(1);

  @ParameterizedTest
  @CsvSource({"5s,15", "500ms,11", "1500ms,12", "2s,12", "10s,30", "1m,180"})
  void itLastsMuchLongerThanTheThresholdOfAStall(String threshold, int seconds) {
    DemoPause pause = DemoPause.of(null, false, threshold, PORTS);
    assertThat(pause.flags())
        .containsExactly("--slow-consumer", "--slow-after=5", "--slow-for=" + seconds);
    assertThat(pause.isPromised()).isTrue();
  }

  @Test
  void aRunThatIsTooShortForAStallPromisesNone() {
    assertThat(DemoPause.of(11, false, "5s", PORTS).flags()).isEmpty();
    assertThat(DemoPause.of(11, false, "5s", PORTS).isPromised()).isFalse();
    assertThat(DemoPause.of(14, false, "10s", PORTS).isPromised()).isFalse();
    // The pause may last to the end.
    assertThat(DemoPause.of(14, false, "5s", PORTS).flags()).contains("--slow-for=15");
  }

  @Test
  void onRequestItBeginsSoonerAndLastsAMinuteOrMore() {
    assertThat(DemoPause.of(180, true, "2s", PORTS).flags())
        .containsExactly("--slow-consumer", "--slow-after=2", "--slow-for=60");
    assertThat(DemoPause.of(null, true, "30s", PORTS).flags()).contains("--slow-for=90");
  }

  @Test
  void whoEndsTheRunEarlyIsPromisedNothing() {
    DemoPause pause = DemoPause.of(30, false, "5s", PORTS);
    pause.stopped();
    assertThat(pause.isPromised()).isFalse();
  }

  @Test
  void whatWasOnItsWayWhenAStreamBrokeNeedNotBeCounted() {
    assertThat(DemoEnd.isCounted(1_000, 1_000, 0)).isTrue();
    assertThat(DemoEnd.isCounted(999, 1_000, 0)).isFalse();
    assertThat(DemoEnd.isCounted(949, 1_000, 1)).isTrue();
    assertThat(DemoEnd.isCounted(948, 1_000, 1)).isFalse();
    assertThat(DemoEnd.isCounted(1_001, 1_000, 1)).isFalse();
  }
}
