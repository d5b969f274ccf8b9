package io.streamgauge.internal.export.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.ExemplarFilter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;

@UnitTest
class SdkExemplarsTest {

  private static OpenTelemetrySdk sdk(ExemplarFilter filter) {
    return OpenTelemetrySdk.builder()
        .setMeterProvider(SdkMeterProvider.builder().setExemplarFilter(filter).build())
        .build();
  }

  @Test
  void theSdkMakesThemOfValuesUnderASampledSpan() {
    try (OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder().setMeterProvider(SdkMeterProvider.builder().build()).build()) {
      assertThat(SdkExemplars.areBySpan(sdk)).isTrue();
    }
    try (OpenTelemetrySdk sdk = sdk(ExemplarFilter.traceBased())) {
      assertThat(SdkExemplars.areBySpan(sdk)).isTrue();
    }
  }

  @Test
  void theUserMayWantThemOfEachValue() {
    try (OpenTelemetrySdk sdk = sdk(ExemplarFilter.alwaysOn())) {
      assertThat(SdkExemplars.areBySpan(sdk)).isFalse();
    }
  }

  @Test
  void anotherOpenTelemetryIsNotKnown() {
    assertThat(SdkExemplars.areBySpan(OpenTelemetry.noop())).isFalse();
  }
}
