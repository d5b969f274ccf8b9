package io.streamgauge.javaagent.extension;

import io.opentelemetry.api.incubator.config.DeclarativeConfigException;
import io.opentelemetry.api.incubator.config.DeclarativeConfigProperties;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.autoconfigure.spi.internal.ComponentProvider;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPropagator;
import java.util.Locale;

/**
 * The propagator {@code gray} of a YAML file: {@code propagator.composite: [{gray: }]}. Its
 * settings are the keys {@code streamgauge.gray.*}, as everywhere.
 */
public final class GrayPropagatorComponent implements ComponentProvider {

  @Override
  public Class<TextMapPropagator> getType() {
    return TextMapPropagator.class;
  }

  @Override
  public String getName() {
    return "gray";
  }

  @Override
  public TextMapPropagator create(DeclarativeConfigProperties config) {
    String header = value("streamgauge.gray.header", "x-env-tag");
    String ingress = value("streamgauge.gray.ingress", "trusted");
    try {
      return GrayPropagator.create(header, GrayIngress.valueOf(ingress.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      throw new DeclarativeConfigException(
          "streamgauge.gray.ingress: '"
              + ingress
              + "' is not valid; expected trusted, edge or deny",
          e);
    }
  }

  private static String value(String key, String otherwise) {
    String value = ExtensionKeys.get(key);
    return value == null ? otherwise : value;
  }
}
