package io.streamgauge.gray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.internal.tagging.TagAccess;
import io.streamgauge.internal.tagging.TagSyntax;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tag may be. */
@UnitTest
class GrayTagTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "Z",
        "0",
        "canary",
        "v1.2.3",
        "team_a-42",
        "a.",
        "a-",
        "baseline",
        "OTHER",
        "Invalid",
        "abcdefghijklmnopqrstuvwxyz012345"
      })
  void theseAreTags(String value) {
    assertThat(TagSyntax.problem(value)).isNull();
    assertThat(GrayTag.of(value).value()).isEqualTo(value);
    assertThat(GrayTag.parse(value)).contains(GrayTag.of(value));
  }

  @ParameterizedTest
  @CsvSource({
    "'.a', charset",
    "'-a', charset",
    "'_a', charset",
    "'a b', charset",
    "' a', charset",
    "'a,b', charset",
    "'a=b', charset",
    "'a;b', charset",
    "'a%20b', charset",
    "'ä', charset",
    "'a\u0000', charset",
    "'abcdefghijklmnopqrstuvwxyz0123456', length",
    "'other', not_allowed",
    "'invalid', not_allowed"
  })
  void theseAreNot(String value, String problem) {
    assertThat(TagSyntax.problem(value)).isEqualTo(problem);
    assertThat(GrayTag.parse(value)).isEmpty();
    assertThatThrownBy(() -> GrayTag.of(value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @NullAndEmptySource
  void nothingIsNoTag(String value) {
    assertThat(TagSyntax.problem(value)).isEqualTo("length");
    assertThat(GrayTag.parse(value)).isEmpty();
  }

  @Test
  void tagsAreEqualByValueWhereverTheyCameFrom() {
    GrayTag header = TagAccess.tag("blue", GrayTag.Source.HEADER);

    assertThat(header).isEqualTo(GrayTag.of("blue")).hasSameHashCodeAs(GrayTag.of("blue"));
    assertThat(header).isNotEqualTo(GrayTag.of("Blue")).isNotEqualTo("blue");
    assertThat(header.source().label()).isEqualTo("header");
    assertThat(header).hasToString("blue");
  }
}
