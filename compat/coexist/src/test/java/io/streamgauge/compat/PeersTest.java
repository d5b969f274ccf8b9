package io.streamgauge.compat;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import brave.Tracing;
import brave.grpc.GrpcTracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.StrictCurrentTraceContext;
import brave.propagation.TraceContext;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingClientInterceptor;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Brave and Micrometer on the same call, inside ours or around it: each has its one span, or its
 * one count, a side, in a trace of its own, and no header is there twice.
 */
@Tag("matrix")
@Gate("R11")
class PeersTest {

  private static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> B3 =
      Metadata.Key.of("x-b3-traceid", Metadata.ASCII_STRING_MARSHALLER);

  private static final ContextPropagators W3C =
      ContextPropagators.create(W3CTraceContextPropagator.getInstance());

  private final InMemorySpanExporter ours = InMemorySpanExporter.create();
  private final List<MutableSpan> theirs = new CopyOnWriteArrayList<>();
  private final List<Metadata> sent = new CopyOnWriteArrayList<>();

  private static int count(Metadata headers, Metadata.Key<String> key) {
    List<String> all = new ArrayList<>();
    Iterable<String> found = headers.getAll(key);
    if (found != null) {
      found.forEach(all::add);
    }
    return all.size();
  }

  private final class Remember implements ServerInterceptor {
    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
      sent.add(headers);
      return next.startCall(call, headers);
    }
  }

  private final class Collect extends SpanHandler {
    @Override
    public boolean end(TraceContext context, MutableSpan span, Cause cause) {
      theirs.add(new MutableSpan(span));
      return true;
    }
  }

  @ParameterizedTest(name = "ours outermost: {0}")
  @ValueSource(booleans = {true, false})
  void eachHasItsOwn(boolean oursOutermost) throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    CollectorRegistry registry = new CollectorRegistry();
    try (OpenTelemetrySdk sdk =
            OpenTelemetrySdk.builder()
                .setTracerProvider(
                    SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(ours))
                        .build())
                .setPropagators(W3C)
                .build();
        Tracing tracing =
            Tracing.newBuilder()
                .currentTraceContext(StrictCurrentTraceContext.create())
                .addSpanHandler(new Collect())
                .build();
        Streamgauge gauge = Streamgauge.builder().openTelemetry(sdk).prometheus(registry).build()) {
      GrpcTracing brave = GrpcTracing.create(tracing);
      // The interceptor that is added last is the outermost one, on either side.
      try (TestPair pair =
          TestPair.open(
              TestTransport.NETTY_SHADED,
              server -> {
                server.intercept(new Remember());
                if (!oursOutermost) {
                  gauge.install(server);
                }
                server.intercept(brave.newServerInterceptor());
                server.intercept(new MetricCollectingServerInterceptor(meters));
                if (oursOutermost) {
                  gauge.install(server);
                }
              },
              channel -> {
                if (!oursOutermost) {
                  gauge.install(channel);
                }
                channel.intercept(brave.newClientInterceptor());
                channel.intercept(new MetricCollectingClientInterceptor(meters));
                if (oursOutermost) {
                  gauge.install(channel);
                }
              })) {
        TestCall call = TestCall.start(pair.channel(), TestMethods.BIDI, CallOptions.DEFAULT);
        call.send("a");
        call.send("b");
        call.halfClose();
        assertThat(call.awaitEnd().isOk()).isTrue();
        await().until(() -> theirs.size() == 2 && callSpans().size() == 2);
      }
      assertThat(callSpans()).extracting(SpanData::getTraceId).containsOnly(traceId());
      assertThat(theirs).extracting(MutableSpan::traceId).containsOnly(theirs.get(0).traceId());
      assertThat(sent).singleElement().satisfies(this::assertOnce);
      assertThat(meters.get("grpc.server.requests.received").counter().count()).isEqualTo(2);
      assertThat(receivedBy(registry)).isEqualTo(2);
    }
  }

  private static double receivedBy(CollectorRegistry registry) {
    return registry.getSampleValue(
        "grpc_server_msg_received_total",
        new String[] {"grpc_type", "grpc_service", "grpc_method", "gray_tag"},
        new String[] {"bidi_stream", TestMethods.SERVICE, "Bidi", "baseline"});
  }

  private void assertOnce(Metadata headers) {
    assertThat(count(headers, TRACEPARENT)).isEqualTo(1);
    assertThat(count(headers, B3)).isEqualTo(1);
  }

  private String traceId() {
    return callSpans().get(0).getTraceId();
  }

  private List<SpanData> callSpans() {
    return ours.getFinishedSpanItems().stream()
        .filter(span -> span.getName().equals(TestMethods.BIDI.getFullMethodName()))
        .toList();
  }
}
