package io.streamgauge.compat.versions;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Every kind of call with everything on, over one transport: numbers, spans and tag are right. */
public final class VersionsCanary {

  private VersionsCanary() {}

  /** All transports, on threads of both kinds; for a JDK that has both. */
  public static void main(String[] args) throws Exception {
    for (TestTransport transport : TestTransport.values()) {
      // Not in the JDK this is compiled for.
      ExecutorService virtual =
          (ExecutorService)
              Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
      check(transport, virtual);
      System.out.println("canary ok on virtual threads: " + transport);
      ExecutorService platform = Executors.newFixedThreadPool(4);
      check(transport, platform);
      System.out.println("canary ok on platform threads: " + transport);
    }
    System.exit(0);
  }

  static void check(TestTransport transport, ExecutorService threads) throws Exception {
    InMemorySpanExporter spans = InMemorySpanExporter.create();
    CollectorRegistry registry = new CollectorRegistry();
    try (OpenTelemetrySdk sdk =
            OpenTelemetrySdk.builder()
                .setTracerProvider(
                    SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
        Streamgauge gauge =
            Streamgauge.builder()
                .openTelemetry(sdk)
                .prometheus(registry)
                .gray(GrayPolicy.builder().allow("canary").build())
                .build();
        TestPair pair =
            TestPair.open(
                transport,
                server -> gauge.install(server.executor(threads)),
                channel -> gauge.install(channel.executor(threads)))) {
      CallOptions tagged =
          CallOptions.DEFAULT.withOption(GrayTags.CALL_OPTION, GrayTag.of("canary"));
      ends(pair, CallOptions.DEFAULT, TestMethods.UNARY, Status.Code.OK, "hello");
      ends(pair, CallOptions.DEFAULT, TestMethods.UNARY, Status.Code.NOT_FOUND, "fail:NOT_FOUND");
      ends(pair, CallOptions.DEFAULT, TestMethods.CLIENT_STREAM, Status.Code.OK, "a", "b");
      ends(pair, CallOptions.DEFAULT, TestMethods.SERVER_STREAM, Status.Code.OK, "count:20");
      ends(pair, tagged, TestMethods.BIDI, Status.Code.OK, "a", "b", "c");
      TestCall cancelled = TestCall.start(pair.channel(), TestMethods.BIDI, CallOptions.DEFAULT);
      cancelled.send("a");
      await().until(() -> cancelled.received() == 1);
      cancelled.cancel();
      assertThat(cancelled.awaitEnd().getCode()).isEqualTo(Status.Code.CANCELLED);
      await().untilAsserted(() -> assertRight(scrape(registry), spans.getFinishedSpanItems()));
    }
  }

  private static void ends(
      TestPair pair,
      CallOptions options,
      MethodDescriptor<String, String> method,
      Status.Code expected,
      String... messages) {
    TestCall call = TestCall.start(pair.channel(), method, options);
    for (String message : messages) {
      call.send(message);
    }
    call.halfClose();
    assertThat(call.awaitEnd().getCode()).isEqualTo(expected);
  }

  private static void assertRight(TestSeries seen, List<SpanData> spans) {
    for (String side : List.of("grpc_server", "grpc_client")) {
      assertThat(seen.sum(side + "_started_total")).isEqualTo(6);
      assertThat(seen.sum(side + "_handled_total")).isEqualTo(6);
      assertThat(seen.sum(side + "_started_total", "gray_tag", "canary")).as("tagged").isEqualTo(1);
    }
    assertThat(seen.sum("grpc_server_msg_received_total")).isEqualTo(1 + 1 + 2 + 1 + 3 + 1);
    assertThat(seen.sum("grpc_client_msg_received_total")).isEqualTo(1 + 1 + 20 + 3 + 1);
    assertThat(seen.has("grpc_stream_buffer_depth", "side", "server", "stage", "executor"))
        .isTrue();
    assertThat(seen.sum("grpc_stream_active")).isZero();
    assertThat(seen.sum("grpc_stream_buffer_depth")).isZero();
    assertThat(seen.sum("streamgauge_faults_total")).isZero();
    for (SpanKind kind : List.of(SpanKind.SERVER, SpanKind.CLIENT)) {
      assertThat(spans).filteredOn(span -> span.getKind() == kind).as(kind.name()).hasSize(6);
    }
    for (SpanData span : spans) {
      if (span.getKind() == SpanKind.SERVER) {
        assertThat(spans).extracting(SpanData::getSpanId).contains(span.getParentSpanId());
      }
    }
  }

  private static TestSeries scrape(CollectorRegistry registry) throws java.io.IOException {
    StringWriter text = new StringWriter();
    TextFormat.write004(text, registry.metricFamilySamples());
    return TestSeries.parse(text.toString());
  }
}
