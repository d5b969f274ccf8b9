package io.streamgauge.internal.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.Cost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GaugeConfigTest {

  private final GaugeConfig config = new GaugeConfig();

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
  void aCallMayCostLess() {
    assertThat(config.cost).isEqualTo(Cost.FULL);
    config.overlay(Map.of("STREAMGAUGE_COST", "light"), new Properties());
    assertThat(config.cost).isEqualTo(Cost.LIGHT);
    config.overlay(Map.of(), properties("streamgauge.cost", "full"));
    assertThat(config.cost).isEqualTo(Cost.FULL);
    assertThatThrownBy(() -> config.overlay(Map.of(), properties("streamgauge.cost", "free")))
        .hasMessage("streamgauge.cost: 'free' is not valid; expected full or light");
  }

  @Test
  void dotsAndDashesOfAKeyAreUnderscoresInItsVariable() {
    Map<String, String> environment = Map.of("STREAMGAUGE_MESSAGE_FIELD", "headers");

    assertThat(warnings(() -> config.overlay(environment, new Properties()))).isEmpty();
    assertThat(config.messageField).isEqualTo("headers");
  }

  /** What Kubernetes gives every pod beside Services of these names; none of it is meant for us. */
  @ParameterizedTest
  @ValueSource(
      strings = {"STREAMGAUGE", "STREAMGAUGE_CONSOLE", "STREAMGAUGE_STALL", "STREAMGAUGE_X_2"})
  void variablesOfAServiceLinkAreNotOurs(String service) {
    Map<String, String> pod = new HashMap<>();
    pod.put(service + "_SERVICE_HOST", "10.0.0.1");
    pod.put(service + "_SERVICE_PORT", "80");
    pod.put(service + "_SERVICE_PORT_HTTP_API", "80");
    pod.put(service + "_PORT", "tcp://10.0.0.1:80");
    for (String protocol : new String[] {"TCP", "UDP", "SCTP"}) {
      String port = service + "_PORT_80_" + protocol;
      pod.put(port, protocol.toLowerCase(Locale.ROOT) + "://10.0.0.1:80");
      pod.put(port + "_PROTO", protocol.toLowerCase(Locale.ROOT));
      pod.put(port + "_PORT", "80");
      pod.put(port + "_ADDR", "10.0.0.1");
    }

    assertThat(warnings(() -> config.overlay(pod, new Properties()))).isEmpty();
  }

  /** A Service may be named as one of our keys. */
  @Test
  void anAddressIsNoValueOfAKey() {
    Map<String, String> pod =
        Map.of("STREAMGAUGE_ENABLED", "tcp://10.0.0.1:80", "STREAMGAUGE_MDC", "udp://10.0.0.1:80");

    assertThat(warnings(() -> config.overlay(pod, new Properties()))).isEmpty();
    assertThat(config.enabled).isTrue();
  }

  @Test
  void anUnknownVariableIsOneWarningWithTheNearestKey() {
    assertThat(
            warnings(
                () ->
                    config.overlay(
                        Map.of("STREAMGAUGE_ENABELD", "false", "STREAMGAUGE_SPANS", "false"),
                        new Properties())))
        .singleElement()
        .asString()
        .contains("STREAMGAUGE_ENABELD", "STREAMGAUGE_ENABLED");
    assertThat(config.enabled).isTrue();
    assertThat(config.spans).isFalse();
  }

  private static List<String> warnings(Runnable task) {
    Logger logger = Logger.getLogger("io.streamgauge");
    List<String> said = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            said.add(new SimpleFormatter().formatMessage(line));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    try {
      task.run();
    } finally {
      logger.removeHandler(handler);
    }
    return said;
  }

  @Test
  void anUnknownPropertyIsNamed() {
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
