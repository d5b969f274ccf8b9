package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How often a unary call changes what other threads may change too, both sides together. Each such
 * change is a locked instruction, and one that fails is done again; the number is exact, where time
 * is not.
 */
class CallUpdatesTest {

  private static Map<String, Double> perCall(String what, int callers) throws Exception {
    TestJvm.Outcome outcome =
        new TestJvm()
            .options(
                "-Djdk.attach.allowAttachSelf=true",
                "-XX:TieredStopAtLevel=1",
                "-Djava.net.preferIPv4Stack=true")
            .run(CallUpdatesMain.class.getName(), what, Integer.toString(callers));
    assertThat(outcome.code()).as(outcome.output()).isZero();
    return outcome.figures("updates");
  }

  /** Of each side claim, start, end and a place among the open calls; three of a client's wire. */
  private static final int NUMBERS = 11;

  /** With spans and tags, besides: the end of each span, and the trace that comes and goes. */
  private static final int EVERYTHING = NUMBERS + 4;

  /** Of each side's series: calls by duration, their time, and their bytes each way. */
  private static final int SUMS = 8;

  /** Of a tag, one a side. */
  private static final int TAGS = 2;

  private static void assertAtMost(
      Map<String, Double> updates, int compared, int changed, int added) {
    // What comes by the clock (a look of the watch, a reading of the wall clock) is less than one a
    // call, on the slowest machine; one more of each call is one more.
    assertThat(updates.get("compared")).as("%s", updates).isBetween(compared / 2d, compared + 0.9);
    assertThat(updates.get("changed")).as("%s", updates).isBetween(changed / 2d, changed + 0.9);
    assertThat(updates.get("added")).as("%s", updates).isLessThan(added + 0.9);
    assertThat(updates.get("failed")).as("%s", updates).isLessThan(0.05);
  }

  @Test
  void aCallWithNumbersAddsToSumsOnly() throws Exception {
    assertAtMost(perCall("numbers", 1), NUMBERS, SUMS, 0);
  }

  @Test
  void aCallWithASpanAndATag() throws Exception {
    assertAtMost(perCall("everything", 1), EVERYTHING, SUMS, TAGS);
  }

  /** Threads that call one method at once meet in no place that they change in a loop. */
  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  @Tag("full")
  void severalCallersChangeNothingTwice(int callers) throws Exception {
    assertAtMost(perCall("numbers", callers), NUMBERS, SUMS, 0);
    assertAtMost(perCall("everything", callers), EVERYTHING, SUMS, TAGS);
  }
}
