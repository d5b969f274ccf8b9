package io.streamgauge.internal.grpc;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.CallSide;
import io.streamgauge.Cost;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code streamgauge.cost=light} leaves out, and that it leaves out nothing else. */
class CostTest {

  private static final int CALLS = 5;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();

  /** How many tracers the interceptors below ours find in the options of each call. */
  private final List<Integer> tracers = Collections.synchronizedList(new ArrayList<>());

  private final ClientInterceptor counting =
      new ClientInterceptor() {
        @Override
        public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
            MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
          tracers.add(options.getStreamTracerFactories().size());
          return next.newCall(method, options);
        }
      };

  private StreamgaugeBuilder gauge(Cost cost) {
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    return Streamgauge.builder().openTelemetry(sdk).prometheus(registry).cost(cost);
  }

  private TestPair open(Streamgauge gauge, ClientInterceptor... below) throws Exception {
    return TestPair.open(
        TestTransport.NETTY_SHADED,
        gauge::install,
        channel -> gauge.install(channel.intercept(below).intercept(counting)));
  }

  private static Status call(ManagedChannel channel, String request) {
    TestCall call = TestCall.start(channel, TestMethods.UNARY, CallOptions.DEFAULT);
    call.send(request);
    call.halfClose();
    return call.awaitEnd();
  }

  private double sum(String name, String... labels) {
    return LibrarySubject.scrape(registry).sum(name, labels);
  }

  private void awaitCounts(double expected) {
    for (String side : List.of("client", "server")) {
      for (String count : List.of("started", "handled", "msg_sent", "msg_received")) {
        String name = "grpc_" + side + "_" + count + "_total";
        await().untilAsserted(() -> assertThat(sum(name)).as(name).isEqualTo(expected));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Cost.class)
  void aUnaryCallIsCountedAndHasItsSpans(Cost cost) throws Exception {
    try (Streamgauge gauge = gauge(cost).build();
        TestPair pair = open(gauge)) {
      for (int i = 0; i < CALLS; i++) {
        assertThat(call(pair.channel(), "hello").isOk()).isTrue();
      }
      awaitCounts(CALLS);
      await().until(() -> spans.getFinishedSpanItems().size() == 2 * CALLS);
      for (SpanData span : spans.getFinishedSpanItems()) {
        boolean followed = cost == Cost.FULL || span.getKind().name().equals("SERVER");
        assertThat(span.getAttributes().asMap().keySet())
            .extracting(Object::toString)
            .contains("rpc.status_code", "grpc.stream.msg_sent", "streamgauge.stream.id")
            .satisfies(
                keys ->
                    assertThat(keys.contains("grpc.stream.bytes_sent"))
                        .as("%s", span)
                        .isEqualTo(followed));
      }
      assertThat(tracers).hasSize(CALLS).containsOnly(cost == Cost.FULL ? 1 : 0);
      assertThat(sum("grpc_stream_wire_bytes_total", "side", "server")).isPositive();
      assertThat(sum("grpc_stream_wire_bytes_total", "side", "client") > 0)
          .isEqualTo(cost == Cost.FULL);
    }
  }

  @Test
  void anOpenUnaryCallIsListedWithoutItsDepthsOnTheWire() throws Exception {
    try (Streamgauge gauge = gauge(Cost.LIGHT).build();
        TestPair pair = open(gauge)) {
      TestCall call = TestCall.start(pair.channel(), TestMethods.UNARY, CallOptions.DEFAULT);
      await().until(() -> !client(gauge).isEmpty());
      StreamSnapshot open = client(gauge).get(0);
      assertThat(open.connectDepth()).isEqualTo(StreamSnapshot.UNKNOWN);
      assertThat(open.executorDepth()).isEqualTo(StreamSnapshot.UNKNOWN);
      assertThat(open.limitDepth()).isEqualTo(StreamSnapshot.UNKNOWN);
      call.cancel();
      assertThat(call.awaitEnd().getCode()).isEqualTo(Status.Code.CANCELLED);
      await().until(() -> client(gauge).isEmpty());
      TestSeries scraped = LibrarySubject.scrape(registry);
      assertThat(scraped.sum("grpc_client_handled_total", "grpc_code", "Canceled")).isEqualTo(1);
    }
  }

  private static List<StreamSnapshot> client(Streamgauge gauge) {
    return gauge.liveStreams().stream().filter(s -> s.side() == CallSide.CLIENT).toList();
  }

  @Test
  void aStreamIsFollowedAsEver() throws Exception {
    try (Streamgauge gauge = gauge(Cost.LIGHT).build();
        TestPair pair = open(gauge)) {
      TestCall call = TestCall.start(pair.channel(), TestMethods.BIDI, CallOptions.DEFAULT);
      call.send("hello");
      call.halfClose();
      assertThat(call.awaitEnd().isOk()).isTrue();
      assertThat(tracers).containsExactly(1);
      await()
          .untilAsserted(
              () -> assertThat(sum("grpc_stream_wire_bytes_total", "side", "client")).isPositive());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGaugeInstalledTwiceCountsEachCallOnce(boolean byHand) throws Exception {
    try (Streamgauge gauge = gauge(Cost.LIGHT).build();
        TestPair pair =
            TestPair.open(
                TestTransport.NETTY_SHADED,
                gauge::install,
                channel -> installTwice(gauge, channel, byHand))) {
      for (int i = 0; i < CALLS; i++) {
        assertThat(call(pair.channel(), "hello").isOk()).isTrue();
      }
      awaitCounts(CALLS);
    }
  }

  private static void installTwice(
      Streamgauge gauge, ManagedChannelBuilder<?> channel, boolean byHand) {
    gauge.install(channel);
    gauge.install(channel);
    if (byHand) {
      channel.intercept(gauge.clientInterceptor());
    }
  }

  /** Each is told by its own mark, whatever stands between the interceptors of the other. */
  @Test
  void twoGaugesCountEachCallOnceEach() throws Exception {
    CollectorRegistry others = new CollectorRegistry();
    try (Streamgauge gauge = gauge(Cost.LIGHT).build();
        Streamgauge other = Streamgauge.builder().prometheus(others).cost(Cost.LIGHT).build();
        TestPair pair =
            TestPair.open(
                TestTransport.NETTY_SHADED,
                gauge::install,
                channel ->
                    channel.intercept(
                        gauge.clientInterceptor(),
                        other.clientInterceptor(),
                        other.clientInterceptor(),
                        gauge.clientInterceptor()))) {
      for (int i = 0; i < CALLS; i++) {
        assertThat(call(pair.channel(), "hello").isOk()).isTrue();
      }
      awaitCounts(CALLS);
      await()
          .untilAsserted(
              () ->
                  assertThat(LibrarySubject.scrape(others).sum("grpc_client_handled_total"))
                      .isEqualTo(CALLS));
    }
  }

  /** As an interceptor does that mirrors calls. */
  @Test
  void aCallInsideOfTheMakingOfAnotherIsOneOfItsOwn() throws Exception {
    AtomicReference<ManagedChannel> mirror = new AtomicReference<>();
    ClientInterceptor mirroring =
        new ClientInterceptor() {
          @Override
          public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
              MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
            assertThat(call(mirror.get(), "hello").isOk()).isTrue();
            return next.newCall(method, options);
          }
        };
    try (Streamgauge gauge = gauge(Cost.LIGHT).build();
        TestPair mirrored = open(gauge);
        TestPair pair = open(gauge, mirroring)) {
      mirror.set(mirrored.channel());
      assertThat(call(pair.channel(), "hello").isOk()).isTrue();
      await().untilAsserted(() -> assertThat(sum("grpc_client_handled_total")).isEqualTo(2));
    }
  }
}
