package io.streamgauge.internal.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys fall into a group, and that nothing else depends on it. */
@UnitTest
class TagGroupsTest {

  private static final int IDS = 400_000;
  private static final double RATIO = 0.1;

  /** As published in docs/gray-tag.md; computed by another implementation. */
  @Test
  void thePublishedVectorsHold() {
    assertThat(TagGroups.bucket("rel-1", "user-42")).isEqualTo(4540);
    assertThat(TagGroups.bucket("rel-1", "0af7651916cd43dd8448eb211c80319c")).isEqualTo(3463);
  }

  @Test
  void theShareIsWhatTheRangeSaysAndSamplersDoNotCare() {
    TagGroups five = TagGroups.parse("canary:0-499");
    Sampler ratio = Sampler.traceIdRatioBased(RATIO);
    SplittableRandom random = new SplittableRandom(20261121);
    int gray = 0;
    int grayByRatio = 0;
    int grayByThreshold = 0;
    for (int i = 0; i < IDS; i++) {
      long low = random.nextLong();
      String id = TraceId.fromLongs(random.nextLong(), low);
      if (five.of("rel-1", id) == null) {
        continue;
      }
      gray++;
      if (isSampled(ratio, id)) {
        grayByRatio++;
      }
      if (isAboveThreshold(low)) {
        grayByThreshold++;
      }
    }
    assertThat(gray / (double) IDS).isCloseTo(0.05, within(0.001));
    assertThat(grayByRatio / (double) gray).isCloseTo(RATIO, within(0.01));
    assertThat(grayByThreshold / (double) gray).isCloseTo(RATIO, within(0.01));
  }

  private static boolean isSampled(Sampler sampler, String id) {
    return sampler
            .shouldSample(
                Context.root(), id, "span", SpanKind.SERVER, Attributes.empty(), List.of())
            .getDecision()
        == SamplingDecision.RECORD_AND_SAMPLE;
  }

  /** OpenTelemetry's consistent probability sampling: the low 56 bits are the randomness. */
  private static boolean isAboveThreshold(long low) {
    long whole = 1L << 56;
    return (low & (whole - 1)) >= (long) (whole * (1 - RATIO));
  }

  @Test
  void aGroupThatGrowsMovesNobodyOut() {
    TagGroups five = TagGroups.parse("canary:0-499");
    TagGroups ten = TagGroups.parse("canary:0-999");
    int more = 0;
    for (int user = 0; user < 100_000; user++) {
      String key = "user-" + user;
      if (five.of("rel-1", key) != null) {
        assertThat(ten.of("rel-1", key)).isEqualTo("canary");
      } else if (ten.of("rel-1", key) != null) {
        more++;
      }
    }
    assertThat(more).isBetween(4_500, 5_500);
  }

  @Test
  void anotherSaltPicksOthers() {
    TagGroups five = TagGroups.parse("canary:0-499");
    int both = 0;
    for (int user = 0; user < 100_000; user++) {
      if (five.of("rel-1", "user-" + user) != null && five.of("rel-2", "user-" + user) != null) {
        both++;
      }
    }
    // Five per cent of five per cent.
    assertThat(both).isBetween(150, 350);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "canary",
        "canary:0",
        "canary:5-4",
        "canary:0-10000",
        "canary:0-499,other-one:499-600",
        "bad tag:0-1",
        ":0-1"
      })
  void whatIsNoListOfGroupsIsRefused(String text) {
    assertThatThrownBy(() -> TagGroups.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
