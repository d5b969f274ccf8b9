package io.streamgauge.javaagent;

import com.sun.net.httpserver.HttpServer;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.streamgauge.testkit.contract.StreamSubject;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * This very JVM with the agent attached: series from the agent's Prometheus endpoint, spans from an
 * OTLP receiver beside the tests. The agent lives longer than a test, so what was there before is
 * taken off.
 */
final class AgentSubject implements StreamSubject {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Guarded by itself. */
  private static final List<TestSpan> RECEIVED = new ArrayList<>();

  static {
    try {
      HttpServer receiver =
          HttpServer.create(
              new InetSocketAddress(
                  InetAddress.getLoopbackAddress(), Integer.getInteger("test.otlp.port")),
              50);
      receiver.createContext(
          "/v1/traces",
          exchange -> {
            receive(ExportTraceServiceRequest.parseFrom(exchange.getRequestBody()));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      receiver.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final TestSeries before = scrapeAll();
  private final int spansBefore = received();

  private static int received() {
    synchronized (RECEIVED) {
      return RECEIVED.size();
    }
  }

  private static void receive(ExportTraceServiceRequest request) {
    List<TestSpan> facts =
        request.getResourceSpansList().stream()
            .flatMap(resource -> resource.getScopeSpansList().stream())
            .flatMap(scope -> scope.getSpansList().stream())
            .map(AgentSubject::fact)
            .toList();
    synchronized (RECEIVED) {
      RECEIVED.addAll(facts);
    }
  }

  private static TestSpan fact(Span span) {
    Map<String, Object> attributes = new HashMap<>();
    for (KeyValue attribute : span.getAttributesList()) {
      AnyValue value = attribute.getValue();
      attributes.put(
          attribute.getKey(), value.hasIntValue() ? value.getIntValue() : value.getStringValue());
    }
    HexFormat hex = HexFormat.of();
    String parent = hex.formatHex(span.getParentSpanId().toByteArray());
    return new TestSpan(
        span.getName(),
        span.getKind().name().replace("SPAN_KIND_", ""),
        hex.formatHex(span.getTraceId().toByteArray()),
        hex.formatHex(span.getSpanId().toByteArray()),
        parent.isEmpty() ? "0000000000000000" : parent,
        span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
        attributes);
  }

  @Override
  public void attach(ServerBuilder<?> server) {}

  @Override
  public void attach(ManagedChannelBuilder<?> channel) {}

  @Override
  public TestSeries scrape() {
    return scrapeAll().since(before);
  }

  private static TestSeries scrapeAll() {
    try {
      return TestSeries.parse(
          HTTP.send(
                  HttpRequest.newBuilder(
                          URI.create(
                              "http://127.0.0.1:"
                                  + Integer.getInteger("otel.exporter.prometheus.port")
                                  + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<TestSpan> spans() {
    synchronized (RECEIVED) {
      return List.copyOf(RECEIVED.subList(spansBefore, RECEIVED.size()));
    }
  }

  @Override
  public OpenTelemetry openTelemetry() {
    return GlobalOpenTelemetry.get();
  }

  @Override
  public boolean fillsMdc() {
    return Boolean.getBoolean("streamgauge.mdc");
  }

  @Override
  public boolean seesTransportThread() {
    return true;
  }

  @Override
  public void close() {}
}
