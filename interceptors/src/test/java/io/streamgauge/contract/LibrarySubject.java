package io.streamgauge.contract;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.otel.PulledMetrics;
import io.streamgauge.testkit.contract.GrayContract;
import io.streamgauge.testkit.contract.MessageContract;
import io.streamgauge.testkit.contract.StreamSubject;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestSpan;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The library with everything on, attached in code. */
public final class LibrarySubject implements StreamSubject {

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                  .build())
          .setMeterProvider(
              SdkMeterProvider.builder()
                  .registerMetricReader(InMemoryMetricReader.create())
                  .registerMetricProducer(PulledMetrics.producer())
                  .build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge =
      Streamgauge.builder()
          .openTelemetry(sdk)
          .prometheus(registry)
          .stallAfter(Duration.ofSeconds(1))
          .gray(GrayPolicy.builder().allow(GrayContract.ALLOW.split(",")).build())
          .messageField(MessageContract.FIELD)
          .mdc(true)
          .build();

  @Override
  public void attach(ServerBuilder<?> server) {
    gauge.install(server);
  }

  @Override
  public void attach(ManagedChannelBuilder<?> channel) {
    gauge.install(channel);
  }

  public Streamgauge gauge() {
    return gauge;
  }

  @Override
  public TestSeries scrape() {
    return scrape(registry);
  }

  public static TestSeries scrape(CollectorRegistry registry) {
    StringWriter text = new StringWriter();
    try {
      TextFormat.write004(text, registry.metricFamilySamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return TestSeries.parse(text.toString());
  }

  @Override
  public List<TestSpan> spans() {
    return exporter.getFinishedSpanItems().stream().map(LibrarySubject::fact).toList();
  }

  private static TestSpan fact(SpanData span) {
    Map<String, Object> attributes = new HashMap<>();
    span.getAttributes()
        .forEach((AttributeKey<?> key, Object value) -> attributes.put(key.getKey(), value));
    return new TestSpan(
        span.getName(),
        span.getKind().name(),
        span.getTraceId(),
        span.getSpanId(),
        span.getParentSpanId(),
        span.getStatus().getStatusCode() == StatusCode.ERROR,
        attributes);
  }

  @Override
  public OpenTelemetry openTelemetry() {
    return sdk;
  }

  @Override
  public boolean fillsMdc() {
    return true;
  }

  @Override
  public boolean seesTransportThread() {
    return false;
  }

  @Override
  public void close() {
    gauge.close();
    sdk.close();
  }
}
