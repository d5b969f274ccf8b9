package io.streamgauge.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.datamodel.Model64;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.layouters.HotSpotLayouter;

/**
 * What a stream costs in memory, on a 64-bit JVM with compressed references whatever JVM this is:
 * growth is a decision, and docs/maintainers/rationale.md says what the bytes are for.
 */
@UnitTest
class RecorderSizeTest {

  private static long bytes(Class<?> type) {
    HotSpotLayouter layouter = new HotSpotLayouter(new Model64(true, true), 17);
    return ClassLayout.parseClass(type, layouter).instanceSize();
  }

  @Test
  void aShortCallIsOneObject() {
    assertThat(bytes(StreamRecorder.class)).isLessThanOrEqualTo(72);
  }

  @Test
  void aStreamHasAnotherOneAndWhatFewStreamsHaveOnlyThen() {
    assertThat(bytes(LongStream.class)).isLessThanOrEqualTo(152);
    assertThat(bytes(StallState.class)).as("of one that stood still").isLessThanOrEqualTo(40);
    assertThat(bytes(RareParts.class)).as("of few").isLessThanOrEqualTo(80);
  }
}
