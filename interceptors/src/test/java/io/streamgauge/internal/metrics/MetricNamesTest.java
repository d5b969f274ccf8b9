package io.streamgauge.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.semconv.ErrorAttributes;
import io.opentelemetry.semconv.RpcAttributes;
import io.opentelemetry.semconv.ServerAttributes;
import io.opentelemetry.semconv.incubating.RpcIncubatingMetrics;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the OpenTelemetry exporter sends, by name: published ones, or ours under our prefixes. */
class MetricNamesTest {

  private static final List<String> OURS =
      List.of("grpc.server.", "grpc.client.", "grpc.stream.", "grpc.gray.", "streamgauge.");

  private static final Set<String> LABELS =
      Set.of(
          "side",
          "direction",
          "stage",
          "cause",
          "site",
          "what",
          "where",
          "reason",
          "source",
          "outcome");

  /**
   * Instruments of grpc's own OpenTelemetry plugin (gRFC A66, A78, A89, A96; read 2026-11), which a
   * process may have beside ours.
   */
  private static final List<String> GRPC =
      List.of(
          "grpc.client.attempt.started",
          "grpc.client.attempt.duration",
          "grpc.client.attempt.sent_total_compressed_message_size",
          "grpc.client.attempt.rcvd_total_compressed_message_size",
          "grpc.client.call.duration",
          "grpc.client.call.retries",
          "grpc.client.call.transparent_retries",
          "grpc.client.call.hedges",
          "grpc.client.call.retry_delay",
          "grpc.server.call.started",
          "grpc.server.call.duration",
          "grpc.server.call.sent_total_compressed_message_size",
          "grpc.server.call.rcvd_total_compressed_message_size");

  private static final List<String> GRPC_SPACES =
      List.of("grpc.lb.", "grpc.xds_client.", "grpc.subchannel.", "grpc.client.attempt.");

  private static Set<String> publishedMetrics() throws IllegalAccessException {
    Set<String> names = new TreeSet<>();
    for (Field field : RpcIncubatingMetrics.class.getFields()) {
      if (field.getName().endsWith("_NAME")) {
        names.add((String) field.get(null));
      }
    }
    return names;
  }

  private static Set<String> publishedAttributes() throws IllegalAccessException {
    Set<String> names = new TreeSet<>();
    for (Class<?> type :
        List.of(RpcAttributes.class, ErrorAttributes.class, ServerAttributes.class)) {
      for (Field field : type.getFields()) {
        if (field.get(null) instanceof AttributeKey<?> key) {
          names.add(key.getKey());
        }
      }
    }
    return names;
  }

  private static Collection<MetricData> emitted() throws Exception {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(reader).build())
            .build();
    Streamgauge gauge = Streamgauge.builder().openTelemetry(sdk).build();
    TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install);
    ManagedChannel channel = pair.channel();
    try {
      ClientCalls.blockingServerStreamingCall(
              channel, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, "count:20")
          .forEachRemaining(message -> {});
    } finally {
      pair.close();
    }
    Collection<MetricData> metrics = reader.collectAllMetrics();
    gauge.close();
    sdk.close();
    return metrics;
  }

  @Test
  void everyNameIsPublishedOrOurs() throws Exception {
    Collection<MetricData> metrics = emitted();
    Set<String> published = publishedMetrics();
    Set<String> attributes = publishedAttributes();
    assertThat(published).contains("rpc.server.call.duration");
    assertThat(metrics).hasSizeGreaterThan(15);
    for (MetricData metric : metrics) {
      assertThat(
              published.contains(metric.getName())
                  || OURS.stream().anyMatch(metric.getName()::startsWith))
          .as(metric.getName())
          .isTrue();
      for (PointData point : metric.getData().getPoints()) {
        for (AttributeKey<?> key : point.getAttributes().asMap().keySet()) {
          String name = key.getKey();
          assertThat(
                  attributes.contains(name)
                      || name.matches("grpc\\.(type|service|method|code)|gray\\.tag")
                      || LABELS.contains(name))
              .as("%s of %s", name, metric.getName())
              .isTrue();
        }
      }
    }
  }

  @Test
  void noNameIsOneOfGrpcs() {
    for (MetricCatalog metric : MetricCatalog.values()) {
      String name = metric.instrumentName();
      assertThat(GRPC).doesNotContain(name);
      assertThat(GRPC_SPACES).noneMatch(name::startsWith);
      assertThat(GRPC.stream().map(grpc -> grpc.replace('.', '_')))
          .as("as Prometheus has them")
          .doesNotContain(metric.baseName());
    }
  }
}
