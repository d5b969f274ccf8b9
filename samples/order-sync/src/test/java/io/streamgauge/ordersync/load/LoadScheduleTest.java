package io.streamgauge.ordersync.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadScheduleTest {

  private static long seconds(double seconds) {
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void whatIsDueDependsOnTimeAlone() {
    LoadSchedule schedule = new LoadSchedule(1_000, 1);
    assertThat(schedule.dueAt(seconds(0.5))).isEqualTo(500);
    assertThat(schedule.dueAt(seconds(10))).isEqualTo(10_000);
    assertThat(schedule.timeOf(500, seconds(2))).isEqualTo(seconds(0.5));
  }

  @Test
  void everyTenthSecondIsABurst() {
    LoadSchedule schedule = new LoadSchedule(1_000, 5);
    assertThat(schedule.dueAt(seconds(9))).isEqualTo(9_000);
    assertThat(schedule.dueAt(seconds(9.5))).isEqualTo(11_500);
    assertThat(schedule.dueAt(seconds(10))).isEqualTo(14_000);
    assertThat(schedule.dueAt(seconds(19))).isEqualTo(23_000);
    assertThat(schedule.dueAt(seconds(20))).isEqualTo(28_000);
  }
}
