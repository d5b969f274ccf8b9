package io.streamgauge.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.streamgauge.Streamgauge;
import io.streamgauge.internal.config.GaugeAccess;
import io.streamgauge.internal.config.SdkAccess;
import io.streamgauge.internal.config.sdk.KnownSdk;
import io.streamgauge.internal.export.pull.HistogramProducer;
import io.streamgauge.internal.export.sdk.SdkHistograms;
import io.streamgauge.internal.metrics.SeriesTable;
import io.streamgauge.internal.sdk.SdkFields;
import io.streamgauge.internal.tracing.sdk.SdkSpans;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which classes go where if gRPC and the SDK are in two class loaders; the agent's tests do it. */
class SdkLoadingTest {

  @AfterEach
  void forget() {
    GaugeAccess.sdk(null);
    GlobalOpenTelemetry.resetForTest();
  }

  @Test
  void whatNeedsBothIsDefinedAndWhatNeedsTheSdkIsTheSdks() {
    for (Class<?> both :
        new Class<?>[] {KnownSdk.class, SdkFields.class, SdkHistograms.class, SdkSpans.class}) {
      assertThat(SdkLoading.isDefined(both.getName())).as("%s", both).isTrue();
      assertThat(SdkLoading.isOfSdk(both.getName())).as("%s", both).isFalse();
    }
    for (Class<?> sdk : new Class<?>[] {HistogramProducer.class, OpenTelemetrySdk.class}) {
      assertThat(SdkLoading.isOfSdk(sdk.getName())).as("%s", sdk).isTrue();
      assertThat(SdkLoading.isDefined(sdk.getName())).as("%s", sdk).isFalse();
    }
    for (Class<?> neither : new Class<?>[] {SdkAccess.class, SeriesTable.class, String.class}) {
      assertThat(SdkLoading.isOfSdk(neither.getName())).as("%s", neither).isFalse();
      assertThat(SdkLoading.isDefined(neither.getName())).as("%s", neither).isFalse();
    }
  }

  @Test
  void aLoaderWithoutTheClassesIsRefused() {
    assertThatThrownBy(() -> SdkLoading.by(ClassLoader.getPlatformClassLoader(), true))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void theSdkIsFoundBehindTheGlobalOne() throws Exception {
    try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder().build()) {
      GlobalOpenTelemetry.set(sdk);

      assertThat(SdkFields.sdk(GlobalOpenTelemetry.get())).isSameAs(sdk);
      assertThat(SdkFields.sdk(sdk)).isSameAs(sdk);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aGaugeGoesByThatLoader(boolean histograms) throws Exception {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    HistogramProducer producer = new HistogramProducer();
    try (OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setMeterProvider(
                SdkMeterProvider.builder()
                    .registerMetricReader(reader)
                    .registerMetricProducer(producer)
                    .build())
            .build()) {
      SdkLoading.by(getClass().getClassLoader(), histograms);
      try (Streamgauge gauge = Streamgauge.builder().openTelemetry(sdk).build();
          TestPair pair = TestPair.open(TestTransport.IN_PROCESS, gauge::install, gauge::install)) {
        ClientCalls.blockingUnaryCall(
            pair.channel(), TestMethods.UNARY, CallOptions.DEFAULT, "hello");
        String pulled = producer.produce(Resource.getDefault()).toString();

        assertThat(pulled.contains("rpc.client.call.duration")).isEqualTo(histograms);
        assertThat(reader.collectAllMetrics())
            .filteredOn(metric -> metric.getName().equals("rpc.client.call.duration"))
            .hasSize(1);
      }
    }
  }
}
