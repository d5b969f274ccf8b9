package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Gate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers write comes out as one short, printable line (gate R3). */
@Tag("attack")
@Gate("text")
class DisplayTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\nFAKE ERROR",
        "\u001b[31mred\u001b[0m",
        "a\u2028b\u2029c",
        "\u202egnp.exe",
        "bell\u0007",
        "\ud800 alone",
        "nul\u0000",
        "\u0085next"
      })
  void oneLineThatNobodyObeys(String text) {
    assertThat(DisplayText.line(text)).hasSameSizeAs(text).contains("?").matches("[ -~]*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "${jndi:ldap://x}",
        "<script>",
        "größer als 5 €",
        "日本",
        "\ud83d\ude80"
      })
  void whatCanBeShownStaysTheSameObject(String text) {
    assertThat(DisplayText.line(text)).isSameAs(text);
  }

  @Test
  void aMegabyteIsCut() {
    assertThat(DisplayText.line("x".repeat(1_000_000))).hasSize(DisplayText.MAX_LENGTH);
    assertThat(DisplayText.line("x" + "\ud83d\ude80".repeat(1_000)))
        .hasSize(DisplayText.MAX_LENGTH - 1)
        .doesNotContain("?");
  }
}
