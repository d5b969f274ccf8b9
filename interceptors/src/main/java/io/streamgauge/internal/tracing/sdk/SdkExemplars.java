package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.ExemplarFilter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.internal.state.MeterProviderSharedState;

/** Of which values the SDK makes exemplars; it does not show that, so it is read from a field. */
public final class SdkExemplars {

  private SdkExemplars() {}

  /**
   * Whether that OpenTelemetry is the SDK, and makes exemplars of those values only that are
   * recorded under a sampled span, as it does unless the user has asked for another way.
   *
   * @throws LinkageError if the SDK is not there, or is another one
   */
  public static boolean areBySpan(OpenTelemetry openTelemetry) {
    if (!(openTelemetry instanceof OpenTelemetrySdk) || !SdkParts.isKnownVersion()) {
      return false;
    }
    SdkMeterProvider provider = ((OpenTelemetrySdk) openTelemetry).getSdkMeterProvider();
    try {
      Object shared = SdkParts.field(SdkMeterProvider.class, "sharedState").get(provider);
      return ((MeterProviderSharedState) shared).getExemplarFilter() == ExemplarFilter.traceBased();
    } catch (ReflectiveOperationException | RuntimeException e) {
      return false;
    }
  }
}
