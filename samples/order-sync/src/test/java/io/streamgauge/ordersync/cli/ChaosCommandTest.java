package io.streamgauge.ordersync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.ordersync.chaos.Chaos;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChaosCommandTest {

  private static Chaos.Row row(long violations, long late, long unfinished) {
    return new Chaos.Row("cut", 3, 100, violations, late, unfinished, List.of(0.5), 7);
  }

  @Test
  void theClosingLineTellsThemApart() {
    assertThat(ChaosCommand.closingLine(List.of(row(1, 2, 0), row(0, 3, 4))))
        .isEqualTo(
            "chaos: cases=2 runs=6 acked=200 violations=1 late=5 unfinished=4"
                + " resume_median_s=0.50");
    assertThat(row(1, 2, 3).markdown()).isEqualTo("| cut | 3 | 100 | 1 | 2 | 3 | 0.50 | 7 |");
    assertThat(Chaos.MARKDOWN_HEAD.lines().map(line -> line.chars().filter(c -> c == '|').count()))
        .containsOnly(9L);
  }

  @Test
  void whatIsLateIsASuccessAndWhatIsUnfinishedIsNot() {
    assertThat(ChaosCommand.exitCode(List.of(row(0, 7, 0)))).isZero();
    assertThat(ChaosCommand.exitCode(List.of(row(0, 0, 0), row(0, 0, 1)))).isEqualTo(1);
    assertThat(ChaosCommand.exitCode(List.of(row(1, 0, 0), row(0, 0, 0)))).isEqualTo(1);
  }
}
