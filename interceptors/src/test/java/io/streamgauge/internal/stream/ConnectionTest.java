package io.streamgauge.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a transport thread counts as seen at work while a call waited. */
@UnitTest
class ConnectionTest {

  private static final long MILLI = 1_000_000;

  /** Clock readings may be negative. */
  private static final long START = -5_000 * MILLI;

  private final Connection connection = new Connection(START);

  private void working(long... millis) {
    for (long each : millis) {
      connection.working(START + each * MILLI);
    }
  }

  private boolean workedBetween(long from, long to) {
    return connection.workedBetween(START + from * MILLI, START + to * MILLI);
  }

  @Test
  void aConnectionThatNobodySawAtWorkProvesNothing() {
    assertThat(workedBetween(0, 1_000)).isFalse();
  }

  @Test
  void aSightingInTheMiddleOfAWaitProvesIt() {
    working(500);

    assertThat(workedBetween(0, 1_000)).isTrue();
    assertThat(workedBetween(600, 1_000)).as("before the wait").isFalse();
    assertThat(workedBetween(0, 400)).as("after the wait").isFalse();
  }

  @Test
  void theFirstAndTheLastQuarterProveNothing() {
    working(249);
    assertThat(workedBetween(0, 1_000)).isFalse();
    working(751);
    assertThat(workedBetween(0, 1_000)).isFalse();
  }

  /** What a blocked thread does at once when it goes on lies in the last quarter of the wait. */
  @Test
  void aThreadThatWasBlockedIsBusyAtTheEnd() {
    for (int i = 0; i < 200; i++) {
      working(800 + i);
    }
    assertThat(workedBetween(0, 1_000)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 20, 50, 100, 333, 1_000, 2_500, 10_000, 30_000})
  void aThreadThatIsAlwaysAtWorkIsSeenInEveryWait(long wait) {
    for (int i = 0; i <= 40_000; i++) {
      working(i);
    }
    assertThat(workedBetween(40_000 - wait, 40_000)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 333, 1_000, 2_500, 10_000, 30_000})
  void soIsOneThatWorksNowAndThen(long wait) {
    for (int i = 0; i <= 40_000; i += (int) (wait / 10)) {
      working(i);
    }
    assertThat(workedBetween(40_000 - wait, 40_000)).isTrue();
  }

  /** A call may wait behind long-lived streams for a day. */
  @Test
  void soIsOneThatIsAskedOnceASecondForHours() {
    int hours = 10 * 3_600;
    for (int second = 0; second <= hours; second++) {
      working(second * 1_000L);
    }
    for (int wait = 10; wait <= hours / 2; wait *= 2) {
      assertThat(workedBetween((hours - wait) * 1_000L, hours * 1_000L)).as("%s s", wait).isTrue();
    }
  }

  @Test
  void aSightingThatIsOlderThanTheLatestChangesNothing() {
    working(900, 500);

    assertThat(workedBetween(0, 1_000)).isFalse();
  }

  @Test
  void anAnswerProvesNothingWhileBytesWaitForTheSocket() {
    connection.backlogged(START + 400 * MILLI);
    connection.answered(START + 500 * MILLI);
    assertThat(workedBetween(0, 1_000)).isFalse();
    connection.answered(START + 4_000 * MILLI);
    assertThat(workedBetween(3_500, 4_500)).isTrue();
  }
}
