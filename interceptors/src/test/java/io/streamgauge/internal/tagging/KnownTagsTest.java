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
class KnownTagsTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void aTagIsTheSameObjectWhicheverHeaderItCameIn() {
    KnownTags known = KnownTags.inHeader(bytes("known-canary"));
    assertThat(known.tag.value()).isEqualTo("known-canary");
    assertThat(known.tag.source()).isEqualTo(GrayTag.Source.HEADER);
    assertThat(known.baggage.getEntryValue("gray.tag")).isEqualTo("known-canary");
    assertThat(known.baggage.size()).isEqualTo(1);
    assertThat(KnownTags.inBaggage(bytes("gray.tag=known-canary")).tag).isEqualTo(known.tag);
    // Tests beside this one may push it out of its place.
    assertThat(IntStream.range(0, 1_000))
        .anyMatch(
            i ->
                KnownTags.inHeader(bytes("known-canary"))
                    == KnownTags.inBaggage(bytes("gray.tag=known-canary")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-no", "a b", "a,b=c", "a;p", "\u00e9", "a%20b"})
  void whatIsNoTagIsNotKnown(String text) {
    assertThat(KnownTags.inHeader(bytes(text))).isNull();
    assertThat(KnownTags.inBaggage(bytes("gray.tag=" + text))).isNull();
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
    assertThat(KnownTags.inBaggage(bytes(text))).isNull();
  }

  @Test
  void aTagMayBeAsLongAsAllowed() {
    String longest = "x".repeat(GrayTag.MAX_LENGTH);
    assertThat(KnownTags.inHeader(bytes(longest)).tag.value()).isEqualTo(longest);
    assertThat(KnownTags.inHeader(bytes(longest + "x"))).isNull();
  }

  /** Far more than there are places. */
  @Test
  void aTagThatWasPushedOutIsMadeAgain() {
    IntStream.range(0, 1_000)
        .mapToObj(i -> "tag" + i)
        .forEach(
            value -> {
              assertThat(KnownTags.inHeader(bytes(value)).tag.value()).isEqualTo(value);
              assertThat(KnownTags.inHeader(bytes("tag0")).tag.value()).isEqualTo("tag0");
            });
  }
}
