package io.streamgauge.internal.tagging;

import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurablePropagatorProvider;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPropagator;
import java.util.Locale;

/**
 * Makes {@code otel.propagators=…,gray} known to OpenTelemetry's autoconfiguration; reads {@code
 * streamgauge.gray.header} and {@code streamgauge.gray.ingress}.
 */
public final class GrayPropagatorProvider implements ConfigurablePropagatorProvider {

  @Override
  public TextMapPropagator getPropagator(ConfigProperties config) {
    String header = config.getString("streamgauge.gray.header", TagRules.HEADER);
    String ingress = config.getString("streamgauge.gray.ingress", "trusted");
    try {
      return GrayPropagator.create(header, GrayIngress.valueOf(ingress.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "streamgauge.gray.ingress: '"
              + ingress
              + "' is not valid; expected trusted, edge or deny",
          e);
    }
  }

  @Override
  public String getName() {
    return "gray";
  }
}
