package io.streamgauge.internal.export.sdk;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.ExemplarFilter;
import io.opentelemetry.sdk.metrics.internal.state.MeterProviderSharedState;
import io.streamgauge.internal.sdk.SdkFields;

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
    if (!SdkFields.areKnown()) {
      return false;
    }
    try {
      OpenTelemetrySdk sdk = SdkFields.sdk(openTelemetry);
      return sdk != null
          && ((MeterProviderSharedState) SdkFields.value(sdk.getSdkMeterProvider(), "sharedState"))
                  .getExemplarFilter()
              == ExemplarFilter.traceBased();
    } catch (ReflectiveOperationException | RuntimeException e) {
      return false;
    }
  }
}
