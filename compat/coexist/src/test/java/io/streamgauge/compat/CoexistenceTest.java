package io.streamgauge.compat;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.extension.trace.propagation.B3Propagator;
import io.opentelemetry.instrumentation.grpc.v1_6.GrpcTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Upstream's library interceptors on the same call, inside ours or around them, with either format
 * of headers: one span a side, in one trace, and our numbers.
 */
@Gate("R11")
class CoexistenceTest {

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();

  static Stream<Arguments> orders() {
    return Stream.of(W3CTraceContextPropagator.getInstance(), B3Propagator.injectingSingleHeader())
        .flatMap(
            headers ->
                Stream.of(true, false)
                    .flatMap(
                        server ->
                            Stream.of(true, false)
                                .map(client -> Arguments.of(headers, server, client))));
  }

  @ParameterizedTest(name = "{0}, ours outermost on the server {1}, on the client {2}")
  @MethodSource("orders")
  void oneSpanASide(TextMapPropagator headers, boolean serverOurs, boolean clientOurs)
      throws Exception {
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(headers))
            .build();
    Streamgauge gauge = Streamgauge.builder().openTelemetry(sdk).build();
    GrpcTelemetry upstream = GrpcTelemetry.create(sdk);
    ServerInterceptor theirs = upstream.createServerInterceptor();
    ClientInterceptor theirClient = upstream.createClientInterceptor();
    // The interceptor that is added last is the outermost one, on either side.
    ServerBuilder<?> serverBuilder =
        TestTransport.NETTY_SHADED.server().addService(TestService.create());
    if (serverOurs) {
      serverBuilder.intercept(theirs);
    }
    gauge.install(serverBuilder);
    if (!serverOurs) {
      serverBuilder.intercept(theirs);
    }
    Server server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
    if (clientOurs) {
      channelBuilder.intercept(theirClient);
    }
    gauge.install(channelBuilder);
    if (!clientOurs) {
      channelBuilder.intercept(theirClient);
    }
    ManagedChannel channel = channelBuilder.build();
    try {
      TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
      call.send("hello");
      call.halfClose();
      call.awaitEnd();
      await().untilAsserted(() -> assertThat(callSpans(SpanKind.SERVER)).isNotEmpty());
      await().untilAsserted(() -> assertThat(callSpans(SpanKind.CLIENT)).isNotEmpty());
      assertThat(callSpans(SpanKind.CLIENT)).hasSize(1);
      assertThat(callSpans(SpanKind.SERVER)).hasSize(1);
      SpanData client = callSpans(SpanKind.CLIENT).get(0);
      SpanData served = callSpans(SpanKind.SERVER).get(0);
      assertThat(served.getParentSpanId()).isEqualTo(client.getSpanId());
      assertThat(isOurs(served)).isEqualTo(serverOurs);
      assertThat(isOurs(client)).isEqualTo(clientOurs);
      // Ours still shows the stream while it lives, below whichever span there is.
      assertThat(spans.getFinishedSpanItems())
          .filteredOn(span -> span.getName().endsWith(" open"))
          .extracting(SpanData::getParentSpanId)
          .containsExactlyInAnyOrder(client.getSpanId(), served.getSpanId());
    } finally {
      channel.shutdownNow();
      server.shutdownNow().awaitTermination();
      gauge.close();
      sdk.close();
    }
  }

  private static boolean isOurs(SpanData span) {
    return span.getInstrumentationScopeInfo().getName().equals("io.streamgauge");
  }

  private List<SpanData> callSpans(SpanKind kind) {
    return spans.getFinishedSpanItems().stream().filter(span -> span.getKind() == kind).toList();
  }
}
