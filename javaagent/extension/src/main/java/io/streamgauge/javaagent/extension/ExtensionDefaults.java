package io.streamgauge.javaagent.extension;

import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.streamgauge.otel.PulledMetrics;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * Defaults of the agent; whatever the user sets wins. The built-in grpc instrumentation is off,
 * ours replaces it; {@code streamgauge.profile=lean} turns every other instrumentation off as well.
 */
public final class ExtensionDefaults implements AutoConfigurationCustomizerProvider {

  static final String BUILT_IN = "otel.instrumentation.grpc.enabled";

  private static final String COMMON = "otel.instrumentation.common.default-enabled";

  private static final String[] NOT_IN_LEAN = {
    "otel.jmx.enabled",
    "otel.instrumentation.internal-lambda.enabled",
    "otel.instrumentation.internal-reflection.enabled",
    "otel.instrumentation.runtime-telemetry.enabled"
  };

  @Override
  public void customize(AutoConfigurationCustomizer customizer) {
    customizer.addPropertiesSupplier(ExtensionDefaults::defaults);
    customizer.addPropertiesCustomizer(ExtensionDefaults::resolved);
    customizer.addMeterProviderCustomizer(
        (builder, config) -> builder.registerMetricProducer(PulledMetrics.producer()));
  }

  /** Whether upstream's own grpc instrumentation is on; a YAML file knows no properties. */
  static boolean isBuiltIn(ConfigProperties config) {
    Boolean file = DeclarativeDefaults.isBuiltIn();
    return file == null ? config.getBoolean(BUILT_IN, true) : file;
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new HashMap<>();
    defaults.put(BUILT_IN, "false");
    if (ExtensionKeys.isLean()) {
      defaults.put(COMMON, "false");
      // An application's own spans must stay part of the trace.
      defaults.put("otel.instrumentation.opentelemetry-api.enabled", "true");
      // Not instrumentations by that key, but nothing that grpc needs: they are for the others.
      for (String other : NOT_IN_LEAN) {
        defaults.put(other, "false");
      }
    }
    return defaults;
  }

  /**
   * Where the user has turned the built-in instrumentation on, its spans stay and ours are not
   * made. The library asks system properties, so that is where its key is set.
   */
  private static Map<String, String> resolved(ConfigProperties config) {
    boolean common = config.getBoolean(COMMON, true);
    if (config.getBoolean(BUILT_IN, common) && ExtensionKeys.get(ExtensionKeys.SPANS) == null) {
      System.setProperty(ExtensionKeys.SPANS, "false");
    }
    return Collections.emptyMap();
  }
}
