package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class StreamgaugeConfigTest {

  private final StreamgaugeConfig config = new StreamgaugeConfig();

  @Test
  void systemPropertiesWinOverTheEnvironmentAndThatOverCode() {
    config.enabled = true;
    config.overlay(Map.of("STREAMGAUGE_ENABLED", "false"), new Properties());
    assertThat(config.enabled).isFalse();

    config.overlay(
        Map.of("STREAMGAUGE_ENABLED", "false"), properties("streamgauge.enabled", "true"));
    assertThat(config.enabled).isTrue();
  }

  @Test
  void anUnknownKeyIsNamed() {
    assertThatThrownBy(
            () -> config.overlay(Map.of("STREAMGAUGE_ENABELD", "true"), new Properties()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("STREAMGAUGE_ENABELD");
    assertThatThrownBy(
            () -> config.overlay(Map.of(), properties("streamgauge.stall.afterr", "10s")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("streamgauge.stall.afterr");
  }

  @Test
  void aWrongValueIsNamedWithItsKey() {
    assertThatThrownBy(() -> config.overlay(Map.of("STREAMGAUGE_ENABLED", "yes"), new Properties()))
        .hasMessageContaining("streamgauge.enabled")
        .hasMessageContaining("yes");
  }

  @Test
  void otherPeoplesKeysAndTheBuildsOwnAreLeftAlone() {
    config.overlay(
        Map.of("PATH", "/bin", "STREAMGAUGE_REQUIRE_ALL", "1"), properties("otel.x", "y"));

    assertThat(config.enabled).isTrue();
  }

  @Test
  void listsAreSplitAndTrimmed() {
    config.overlay(Map.of("STREAMGAUGE_EXCLUDE", "a.B, c.D/Method,"), new Properties());

    assertThat(config.exclude).containsExactly("a.B", "c.D/Method");
  }

  private static Properties properties(String key, String value) {
    Properties properties = new Properties();
    properties.setProperty(key, value);
    return properties;
  }
}
