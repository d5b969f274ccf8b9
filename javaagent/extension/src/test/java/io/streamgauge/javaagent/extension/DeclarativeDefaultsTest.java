package io.streamgauge.javaagent.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.model.DistributionModel;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.model.DistributionPropertyModel;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.model.OpenTelemetryConfigurationModel;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Our defaults in the model of a YAML file, as SDK 1.65 has it; the agent's is tried by an IT. */
class DeclarativeDefaultsTest {

  @AfterEach
  void clear() {
    System.clearProperty("streamgauge.spans");
    System.clearProperty("streamgauge.profile");
  }

  @SuppressWarnings("unchecked")
  private static OpenTelemetryConfigurationModel customized(OpenTelemetryConfigurationModel model) {
    OpenTelemetryConfigurationModel[] result = new OpenTelemetryConfigurationModel[1];
    DeclarativeConfigurationCustomizer customizer =
        (DeclarativeConfigurationCustomizer)
            Proxy.newProxyInstance(
                DeclarativeDefaultsTest.class.getClassLoader(),
                new Class<?>[] {DeclarativeConfigurationCustomizer.class},
                (proxy, method, arguments) -> {
                  result[0] =
                      ((Function<OpenTelemetryConfigurationModel, OpenTelemetryConfigurationModel>)
                              arguments[0])
                          .apply(model);
                  return null;
                });
    new DeclarativeDefaults().customize(customizer);
    return result[0];
  }

  private static OpenTelemetryConfigurationModel file(Map<String, Object> instrumentation) {
    return new OpenTelemetryConfigurationModel()
        .withDistribution(
            new DistributionModel()
                .withAdditionalProperty(
                    "javaagent",
                    new DistributionPropertyModel()
                        .withAdditionalProperty("indy/development", true)
                        .withAdditionalProperty("instrumentation", instrumentation)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> selectors(OpenTelemetryConfigurationModel model) {
    return (Map<String, Object>)
        model
            .getDistribution()
            .getAdditionalProperties()
            .get("javaagent")
            .getAdditionalProperties()
            .get("instrumentation");
  }

  @Test
  void theBuiltInInstrumentationIsOffWhereTheFileSaysNothing() {
    Map<String, Object> selectors = selectors(customized(new OpenTelemetryConfigurationModel()));

    assertThat(selectors.get("disabled")).isEqualTo(List.of("grpc"));
    assertThat(selectors).doesNotContainKey("default_enabled");
    assertThat(System.getProperty("streamgauge.spans")).isNull();
  }

  @Test
  void whatTheFileSaysStays() {
    OpenTelemetryConfigurationModel model =
        customized(file(Map.of("enabled", List.of("grpc"), "disabled", List.of("netty"))));

    assertThat(selectors(model))
        .containsEntry("enabled", List.of("grpc"))
        .containsEntry("disabled", List.of("netty"));
    assertThat(System.getProperty("streamgauge.spans")).as("theirs are made").isEqualTo("false");
    assertThat(
            model
                .getDistribution()
                .getAdditionalProperties()
                .get("javaagent")
                .getAdditionalProperties())
        .containsEntry("indy/development", true);
  }

  @Test
  void leanTurnsTheOthersOff() {
    System.setProperty("streamgauge.profile", "lean");
    Map<String, Object> selectors =
        selectors(customized(file(Map.of("enabled", List.of("runtime-telemetry")))));

    assertThat(selectors).containsEntry("default_enabled", false);
    assertThat(selectors.get("enabled"))
        .isEqualTo(List.of("runtime_telemetry", "opentelemetry_api"));
    assertThat(selectors.get("disabled"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .contains("grpc", "internal_lambda")
        .doesNotContain("runtime_telemetry");
  }

  @Test
  void leanLeavesADefaultOfTheFileAlone() {
    System.setProperty("streamgauge.profile", "lean");
    Map<String, Object> selectors = selectors(customized(file(Map.of("default_enabled", true))));

    assertThat(selectors).containsEntry("default_enabled", true);
  }
}
