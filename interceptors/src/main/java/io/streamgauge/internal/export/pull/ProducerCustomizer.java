package io.streamgauge.internal.export.pull;

import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.spi.AutoConfigurationCustomizerProvider;
import io.opentelemetry.sdk.metrics.SdkMeterProviderBuilder;

/** Registers a producer with each SDK that OpenTelemetry's autoconfiguration makes. */
public final class ProducerCustomizer implements AutoConfigurationCustomizerProvider {

  @Override
  public void customize(AutoConfigurationCustomizer customizer) {
    customizer.addMeterProviderCustomizer((builder, config) -> customized(builder));
  }

  private static SdkMeterProviderBuilder customized(SdkMeterProviderBuilder builder) {
    try {
      return builder.registerMetricProducer(new HistogramProducer());
    } catch (LinkageError e) {
      return builder; // before 1.31 the SDK has no producers
    }
  }
}
