package io.streamgauge.internal.metrics;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.exporter.prometheus.PrometheusHttpServer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.simpleclient.bridge.SimpleclientCollector;
import io.streamgauge.Streamgauge;
import io.streamgauge.TestWatch;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.internal.stream.HandMovedClock;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The catalogue is the same through simpleclient and through OpenTelemetry. */
class TwoExportersTest {

  private final AtomicLong now = new AtomicLong(1);
  private final CollectorRegistry simpleclient = new CollectorRegistry();
  private final PrometheusRegistry exporter = new PrometheusRegistry();
  private final InMemoryMetricReader reader = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(SdkTracerProvider.builder().build())
          .setMeterProvider(
              SdkMeterProvider.builder()
                  .registerMetricReader(
                      PrometheusHttpServer.builder()
                          .setHost("127.0.0.1")
                          .setPort(0)
                          .setPrometheusRegistry(exporter)
                          .build())
                  .registerMetricReader(reader)
                  .build())
          .build();
  private final Streamgauge gauge =
      TestWatch.clock(Streamgauge.builder(), now::get)
          .openTelemetry(sdk)
          .prometheus(simpleclient)
          .timing(io.streamgauge.Timing.ALL)
          .build();
  private Server server;
  private ManagedChannel channel;
  private TestCall open;

  @BeforeEach
  void traffic() throws IOException {
    ServerBuilder<?> serverBuilder =
        TestTransport.NETTY_SHADED.server().addService(TestService.create());
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
    gauge.install(channelBuilder);
    channel = channelBuilder.build();
    for (int i = 0; i < 20; i++) {
      ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    }
    assertThatThrownBy(
            () ->
                ClientCalls.blockingUnaryCall(
                    channel, TestMethods.UNARY, CallOptions.DEFAULT, "fail:ABORTED"))
        .isInstanceOf(StatusRuntimeException.class);
    open = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    open.send("a");
    await().until(() -> open.received() == 1);
    TestCall stuck =
        TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT, new io.grpc.Metadata(), 1);
    stuck.send("b");
    await().until(() -> stuck.received() == 1);
    await()
        .until(
            () ->
                LibrarySubject.scrape(simpleclient)
                        .sum("grpc_server_handled_total", "grpc_method", "Unary")
                    == 21);
    HandMovedClock.awaitRest(simpleclient);
    await()
        .until(
            () ->
                LibrarySubject.scrape(simpleclient)
                        .sum("grpc_stream_buffer_depth", "side", "server")
                    == 0);
    for (int i = 0; i < 15; i++) {
      now.addAndGet(1_000_000_000L);
      TestWatch.look(gauge);
    }
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    gauge.close();
    sdk.close();
  }

  private static String write(PrometheusRegistry registry) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OpenMetricsTextFormatWriter.create().write(out, registry.scrape());
    return out.toString(StandardCharsets.UTF_8);
  }

  private String simpleclientText() throws IOException {
    StringWriter text = new StringWriter();
    TextFormat.writeOpenMetrics100(text, simpleclient.metricFamilySamples());
    return text.toString();
  }

  /** Series as comparable lines, without what the exporters may add. */
  private static Map<String, Double> comparable(String text) {
    Map<String, Double> lines = new TreeMap<>();
    // Which of several streams is the exemplar of a bucket is each exporter's choice.
    String plain = text.replaceAll("(?m) # \\{.*$", "");
    for (TestSeries.Sample sample : TestSeries.parse(plain).all()) {
      if (sample.name().endsWith("_created")
          || sample.name().equals("target_info")
          || sample.name().startsWith("rpc_")) {
        continue;
      }
      Map<String, String> labels = new TreeMap<>(sample.labels());
      labels.keySet().removeIf(key -> key.startsWith("otel_scope_"));
      labels.computeIfPresent("le", (key, le) -> String.valueOf(bound(le)));
      lines.put(sample.name() + labels, sample.value());
    }
    return lines;
  }

  private static double bound(String le) {
    return le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
  }

  private static Map<String, String> types(String text) {
    Map<String, String> types = new TreeMap<>();
    for (String line : text.split("\n")) {
      if (line.startsWith("# TYPE grpc_") || line.startsWith("# TYPE streamgauge_")) {
        String[] words = line.split(" ");
        types.put(words[2], words[3]);
      }
    }
    return types;
  }

  @Test
  void bothRoadsShowTheSameSeriesWithTheSameValues() throws IOException {
    Map<String, Double> one = comparable(simpleclientText());
    Map<String, Double> other = comparable(write(exporter));

    assertThat(other.keySet()).containsExactlyElementsOf(one.keySet());
    one.forEach(
        (series, value) -> assertThat(other.get(series)).as(series).isCloseTo(value, within(1e-9)));
    assertThat(one.keySet()).anyMatch(series -> series.startsWith("grpc_stream_queue_seconds"));
    assertThat(one)
        .anySatisfy(
            (series, value) -> {
              assertThat(series).startsWith("grpc_stream_stalls_total").contains("no_demand");
              assertThat(value).isEqualTo(1);
            });
  }

  @Test
  void bothRoadsGiveTheSameTypes() throws IOException {
    Map<String, String> other = types(write(exporter));

    Map<String, String> one = types(simpleclientText());
    one.keySet().retainAll(other.keySet());
    assertThat(other).isEqualTo(one);
    assertThat(other).hasSizeGreaterThan(18);
  }

  @Test
  void theRpcConventionsDurationIsThereOnTheOtelRoadOnly() throws IOException {
    String text = write(exporter);

    assertThat(text).contains("rpc_server_call_duration_seconds_bucket");
    assertThat(TestSeries.parse(text).sum("rpc_client_call_duration_seconds_count")).isEqualTo(21);
    assertThat(
            TestSeries.parse(text)
                .sum("rpc_client_call_duration_seconds_count", "error_type", "ABORTED"))
        .isEqualTo(1);
    assertThat(simpleclientText()).doesNotContain("rpc_client_call_duration");
  }

  @Test
  void exemplarsAreTheStreamsOwnOnBothRoads() throws IOException {
    String traceId =
        gauge.liveStreams().stream()
            .filter(v -> v.cause() != null && v.side().label().equals("client"))
            .findFirst()
            .orElseThrow()
            .traceId();

    for (String text : new String[] {simpleclientText(), write(exporter)}) {
      assertThat(text.lines())
          .filteredOn(line -> line.startsWith("grpc_stream_stalls_total{") && line.contains(" # {"))
          .singleElement()
          .satisfies(
              line ->
                  assertThat(line)
                      .contains("trace_id=\"" + traceId + "\"")
                      .contains("span_id=\"")
                      .contains("side=\"client\""));
      assertThat(text.lines())
          .anyMatch(
              line ->
                  line.startsWith("grpc_client_handling_seconds_bucket")
                      && line.contains("trace_id="));
    }
  }

  @Test
  void noNameCollidesWithGrpcsOwn() {
    TreeSet<String> instruments = new TreeSet<>();
    for (MetricCatalog metric : MetricCatalog.values()) {
      instruments.add(metric.instrumentName());
    }
    // gRFC A66, A78, A89, A96: everything under these prefixes is theirs.
    for (String prefix :
        new String[] {
          "grpc.client.attempt.",
          "grpc.client.call.",
          "grpc.server.call.",
          "grpc.subchannel.",
          "grpc.tcp.",
          "grpc.lb.",
          "grpc.xds_client."
        }) {
      assertThat(instruments).noneMatch(name -> name.startsWith(prefix));
    }
    assertThat(instruments)
        .allMatch(
            name ->
                name.startsWith("grpc.server.")
                    || name.startsWith("grpc.client.")
                    || name.startsWith("grpc.stream.")
                    || name.startsWith("grpc.gray.")
                    || name.startsWith("gray.")
                    || name.startsWith("streamgauge."));
    assertThat(reader.collectAllMetrics()).isNotEmpty();
  }

  /**
   * The recipe for Spring Boot 3: our simpleclient registry inside a prometheus-metrics 1.x one.
   */
  @Test
  void theBridgeShowsThemBesideForeignMetricsOnOneEndpoint() throws IOException {
    PrometheusRegistry springs = new PrometheusRegistry();
    io.prometheus.metrics.core.metrics.Counter.builder()
        .name("foreign_total")
        .help("A metric of another library.")
        .register(springs)
        .inc();
    SimpleclientCollector.builder().collectorRegistry(simpleclient).register(springs);

    Map<String, Double> bridged = comparable(write(springs));
    assertThat(bridged).containsEntry("foreign_total{}", 1.0);
    Map<String, Double> own = comparable(simpleclientText());
    own.forEach((series, value) -> assertThat(bridged).containsEntry(series, value));
    assertThat(write(springs)).contains("trace_id=");
  }
}
