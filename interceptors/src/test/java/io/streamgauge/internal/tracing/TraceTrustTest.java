package io.streamgauge.internal.tracing;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.ReconnectSession;
import io.streamgauge.Streamgauge;
import io.streamgauge.TraceTrust;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose trace a call belongs to, and what it is linked to. */
class TraceTrustTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";
  private static final Metadata.Key<String> TRACEPARENT = key("traceparent");

  private final CollectorRegistry registry = new CollectorRegistry();
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private Streamgauge gauge;
  private Server server;
  private ManagedChannel channel;

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private void start(TraceTrust ingress, Sampler sampler, boolean client) throws IOException {
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .setSampler(sampler)
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    gauge =
        Streamgauge.builder()
            .openTelemetry(sdk)
            .prometheus(registry)
            .ingress(ingress)
            .captureMetadata("X-Tenant")
            .build();
    ServerBuilder<?> serverBuilder =
        TestTransport.NETTY_SHADED.server().addService(TestService.create());
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
    if (client) {
      gauge.install(channelBuilder);
    }
    channel = channelBuilder.build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    gauge.close();
  }

  private void call(Metadata headers) {
    TestCall call = TestCall.start(channel, TestMethods.UNARY, CallOptions.DEFAULT, headers, 2);
    call.send("hello");
    call.halfClose();
    assertThat(call.awaitEnd().isOk()).isTrue();
    await().until(() -> LibrarySubject.scrape(registry).sum("grpc_server_handled_total") == 1);
  }

  private static Metadata stranger() {
    Metadata headers = new Metadata();
    headers.put(TRACEPARENT, "00-" + TRACE + "-" + SPAN + "-01");
    headers.put(key("x-tenant"), "acme");
    headers.put(key("x-request-id"), "r-17");
    return headers;
  }

  private SpanData one(SpanKind kind) {
    await().until(() -> spans.getFinishedSpanItems().stream().anyMatch(s -> s.getKind() == kind));
    return spans.getFinishedSpanItems().stream()
        .filter(span -> span.getKind() == kind)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aTrustedCallersSpanIsTheParent() throws IOException {
    start(TraceTrust.TRUSTED, Sampler.parentBased(Sampler.alwaysOff()), false);
    call(stranger());

    SpanData span = one(SpanKind.SERVER);
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo(SPAN);
    assertThat(span.getLinks()).isEmpty();
    assertThat(
            span.getAttributes().get(AttributeKey.stringArrayKey("rpc.request.metadata.x-tenant")))
        .containsExactly("acme");
    assertThat(span.getAttributes().get(AttributeKey.stringKey("streamgauge.request_id"))).isNull();
  }

  @Test
  void atTheEdgeAStrangersFlagForcesNothing() throws Exception {
    start(TraceTrust.EDGE, Sampler.parentBased(Sampler.alwaysOff()), false);
    call(stranger());
    server.shutdownNow().awaitTermination(); // a span would have ended by then

    assertThat(spans.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void atTheEdgeAStrangersSpanIsALinkOnANewRoot() throws IOException {
    start(TraceTrust.EDGE, Sampler.parentBased(Sampler.alwaysOn()), false);
    call(stranger());

    SpanData span = one(SpanKind.SERVER);
    assertThat(span.getTraceId()).isNotEqualTo(TRACE);
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(span.getLinks())
        .singleElement()
        .satisfies(
            link -> {
              assertThat(link.getSpanContext().getTraceId()).isEqualTo(TRACE);
              assertThat(link.getSpanContext().getSpanId()).isEqualTo(SPAN);
            });
    assertThat(span.getAttributes().get(AttributeKey.stringKey("streamgauge.request_id")))
        .isEqualTo("r-17");
  }

  @Test
  void twoTraceparentsAreNoneAndCounted() throws IOException {
    start(TraceTrust.TRUSTED, Sampler.alwaysOn(), false);
    Metadata headers = stranger();
    headers.put(TRACEPARENT, "00-" + TRACE + "-00f067aa0ba902b7-01");
    call(headers);

    SpanData span = one(SpanKind.SERVER);
    assertThat(span.getTraceId()).isNotEqualTo(TRACE);
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(
            LibrarySubject.scrape(registry).sum("streamgauge_refused_total", "what", "traceparent"))
        .isEqualTo(1);
  }

  @Test
  void streamsOfASessionAreLinkedEachToTheOneBefore() throws IOException {
    start(TraceTrust.TRUSTED, Sampler.alwaysOn(), true);
    ReconnectSession session = Streamgauge.session();
    for (int i = 0; i < 3; i++) {
      TestCall call =
          TestCall.start(
              channel,
              TestMethods.BIDI,
              CallOptions.DEFAULT.withOption(Streamgauge.SESSION, session));
      call.send("hello");
      call.halfClose();
      call.awaitEnd();
    }

    List<SpanData> clients =
        spans.getFinishedSpanItems().stream()
            .filter(span -> span.getKind() == SpanKind.CLIENT)
            .toList();
    assertThat(clients).hasSize(3);
    assertThat(clients.get(0).getLinks()).isEmpty();
    for (int i = 1; i < 3; i++) {
      assertThat(clients.get(i).getLinks().get(0).getSpanContext().getSpanId())
          .isEqualTo(clients.get(i - 1).getSpanId());
      assertThat(clients.get(i).getTraceId()).isNotEqualTo(clients.get(i - 1).getTraceId());
      assertThat(
              clients
                  .get(i)
                  .getAttributes()
                  .get(AttributeKey.longKey("streamgauge.session.stream")))
          .isEqualTo(i + 1L);
    }
  }
}
