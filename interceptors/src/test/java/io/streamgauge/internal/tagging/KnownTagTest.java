package io.streamgauge.internal.tagging;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.gray.GrayTag;
import io.streamgauge.testkit.fixture.UnitTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@UnitTest
class KnownTagTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static KnownTag inBaggage(String value) {
    return KnownTag.inBaggage(bytes("gray.tag=" + value));
  }

  @Test
  void aTagIsTheSameObjectEachTime() {
    KnownTag known = inBaggage("known-canary");
    assertThat(known.tag.value()).isEqualTo("known-canary");
    assertThat(known.tag.source()).isEqualTo(GrayTag.Source.HEADER);
    assertThat(known.baggage().getEntryValue("gray.tag")).isEqualTo("known-canary");
    assertThat(known.baggage().size()).isEqualTo(1);
    assertThat(known.is(bytes("known-canary"))).isTrue();
    assertThat(known.is(bytes("known-canarz"))).isFalse();
    assertThat(known.is(bytes("known-canar"))).isFalse();
    // Tests beside this one may push it out of its place.
    assertThat(IntStream.range(0, 1_000))
        .anyMatch(
            i -> {
              KnownTag one = inBaggage("known-canary");
              return one == inBaggage("known-canary");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-no", "a b", "a,b=c", "a;p", "\u00e9", "a%20b"})
  void whatIsNoTagIsNotKnown(String text) {
    assertThat(inBaggage(text)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gray.tag",
        "gray.tag=",
        " gray.tag=a",
        "other=a",
        "other=b,gray.tag=a",
        "gray.tag"
      })
  void baggageWithMoreThanATagIsNotKnown(String text) {
    assertThat(KnownTag.inBaggage(bytes(text))).isNull();
  }

  @Test
  void aTagMayBeAsLongAsAllowed() {
    String longest = "x".repeat(GrayTag.MAX_LENGTH);
    assertThat(inBaggage(longest).tag.value()).isEqualTo(longest);
    assertThat(inBaggage(longest + "x")).isNull();
  }

  /** Far more than there are places. */
  @Test
  void aTagThatWasPushedOutIsMadeAgain() {
    IntStream.range(0, 1_000)
        .mapToObj(i -> "tag" + i)
        .forEach(
            value -> {
              assertThat(inBaggage(value).tag.value()).isEqualTo(value);
              assertThat(inBaggage("tag0").tag.value()).isEqualTo("tag0");
            });
  }
}
