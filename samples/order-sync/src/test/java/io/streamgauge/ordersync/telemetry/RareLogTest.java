package io.streamgauge.ordersync.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RareLogTest {

  private final Queue<Runnable> atPeriodsEnd = new ArrayDeque<>();
  private final RareLog log = new RareLog(atPeriodsEnd::add);
  private final LogLines logged = new LogLines();

  @AfterEach
  void stop() {
    logged.close();
  }

  private void endPeriod() {
    for (int i = atPeriodsEnd.size(); i > 0; i--) {
      atPeriodsEnd.remove().run();
    }
  }

  @Test
  void theFirstOfAKindIsALineAndThoseOfAPeriodAreOneMore() {
    for (int i = 1; i <= 1_489; i++) {
      log.warn("a", "text " + i);
    }
    log.warn("b", "other");
    assertThat(logged.lines()).containsExactly("a: text 1", "b: other");

    endPeriod();
    assertThat(logged.lines())
        .containsExactly("a: text 1", "b: other", "a: 1488 more, the last: text 1489");

    endPeriod();
    assertThat(atPeriodsEnd).as("nothing waits for a kind that is quiet").isEmpty();
    log.warn("a", "again");
    assertThat(logged.lines()).hasSize(4).endsWith("a: again");
  }

  @Test
  void whatWasCountedIsLoggedAtTheEnd() {
    log.warn("a", "first");
    log.warn("a", "second");
    log.close();
    log.close();
    assertThat(logged.lines()).containsExactly("a: first", "a: 1 more, the last: second");
  }

  @Test
  void aCallersTextStaysOneShortLine() {
    log.warn("a", "x\n01:02:03 SEVERE forged" + "y".repeat(1_000));
    assertThat(logged.lines().get(0)).hasSizeLessThan(220).doesNotContain("\n");
  }
}
