package io.streamgauge.javaagent.extension;

import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Defaults of the agent; whatever the user sets wins. The built-in grpc instrumentation is off,
 * ours replaces it; {@code streamgauge.profile=lean} turns every other instrumentation off as well.
 */
public final class ExtensionDefaults implements AutoConfigurationCustomizerProvider {

  private static final String PROFILE = "streamgauge.profile";

  @Override
  public void customize(AutoConfigurationCustomizer customizer) {
    customizer.addPropertiesSupplier(ExtensionDefaults::defaults);
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new HashMap<>();
    defaults.put("otel.instrumentation.grpc.enabled", "false");
    if (profile().equals("lean")) {
      defaults.put("otel.instrumentation.common.default-enabled", "false");
      defaults.put("otel.instrumentation.streamgauge.enabled", "true");
    }
    return defaults;
  }

  private static String profile() {
    String property = System.getProperty(PROFILE);
    if (property != null) {
      return property;
    }
    String variable = System.getenv(PROFILE.toUpperCase(Locale.ROOT).replace('.', '_'));
    return variable == null ? "full" : variable;
  }
}
