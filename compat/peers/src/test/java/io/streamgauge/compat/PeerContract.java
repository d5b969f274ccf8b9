package io.streamgauge.compat;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.StallCause;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Streamgauge on one end and another language's gRPC with OpenTelemetry's own instrumentation on
 * the other, in both directions: one trace, baggage and gray tag arrive, both count the same, and
 * whichever side does not read is named by ours.
 */
abstract class PeerContract {

  private static final int FLOOD = 20_000;
  private static final String MESSAGE = "x".repeat(1_024);

  private final Peer peer;
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(SdkTracerProvider.builder().build())
          .setPropagators(
              ContextPropagators.create(
                  TextMapPropagator.composite(
                      W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
          .build();
  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge =
      Streamgauge.builder()
          .openTelemetry(sdk)
          .prometheus(registry)
          .stallAfter(Duration.ofSeconds(1))
          .build();
  private ManagedChannel channel;
  private Server server;

  PeerContract(Peer peer) {
    this.peer = peer;
  }

  @BeforeEach
  void install() throws Exception {
    peer.install();
  }

  @AfterEach
  void close() throws InterruptedException {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (server != null) {
      server.shutdownNow().awaitTermination();
    }
    gauge.close();
    sdk.close();
  }

  private void connect(PeerProcess process) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress("127.0.0.1", process.port()).usePlaintext();
    gauge.install(builder);
    channel = builder.build();
  }

  private String serve(ServerServiceDefinition service) throws IOException {
    ServerBuilder<?> builder = TestTransport.NETTY_SHADED.server().addService(service);
    gauge.install(builder);
    server = builder.build().start();
    return String.valueOf(server.getPort());
  }

  private boolean isNamed(StallCause cause) {
    return gauge.liveStreams().stream().map(StreamSnapshot::cause).anyMatch(cause::equals);
  }

  // ---- the peer serves -----------------------------------------------------------------------

  @Test
  void thePeerIsInOurTraceAndHasOurBaggage() throws Exception {
    try (PeerProcess process = peer.start("serve")) {
      connect(process);
      Span caller = sdk.getTracer("test").spanBuilder("caller").startSpan();
      Context context =
          Context.root().with(caller).with(Baggage.builder().put("tenant", "acme").build());
      try (Scope scope = context.makeCurrent()) {
        assertAnswers(caller.getSpanContext().getTraceId() + " acme  ");
      }
    }
  }

  @Test
  void thePeerHasOurTagInHeaderAndBaggage() throws Exception {
    try (PeerProcess process = peer.start("serve")) {
      connect(process);
      Span caller = sdk.getTracer("test").spanBuilder("caller").startSpan();
      try (Scope span = caller.makeCurrent();
          Scope scope = GrayTags.makeCurrent(GrayTag.of("blue"))) {
        assertAnswers(caller.getSpanContext().getTraceId() + "  blue blue");
      }
    }
  }

  private void assertAnswers(String expected) {
    assertThat(
            ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "unary"))
        .isEqualTo(expected);
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("bidi");
    call.halfClose();
    assertThat(call.awaitEnd().isOk()).isTrue();
    assertThat(call.messages()).containsExactly(expected);
  }

  @Test
  void aPeerThatDoesNotReadIsNamedAndInTheEndItHasReadWhatWeSent() throws Exception {
    try (PeerProcess process = peer.start("serve")) {
      connect(process);
      TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
      call.send("stick");
      AtomicLong sent = new AtomicLong();
      await()
          .until(
              () -> {
                while (call.isReady()) {
                  call.send(MESSAGE);
                  sent.incrementAndGet();
                }
                return isNamed(StallCause.PEER_NOT_READING);
              });
      assertThat(gauge.liveStreams().get(0).sent()).isEqualTo(1 + sent.get());

      process.say("read");
      call.halfClose();
      assertThat(call.awaitEnd().isOk()).isTrue();
      assertThat(call.messages()).containsExactly(String.valueOf(sent));
    }
  }

  // ---- the peer calls ------------------------------------------------------------------------

  @Test
  void weAreInThePeersTraceAndHaveItsBaggage() throws Exception {
    try (PeerProcess process = peer.start("call", serve(seeing()))) {
      String trace = process.after("trace");
      assertThat(trace).matches("[0-9a-f]{32}");
      assertThat(process.after("unary")).isEqualTo(trace + " acme");
      assertThat(process.after("bidi")).isEqualTo(trace + " acme");
    }
  }

  @Test
  void thePeersTagIsTaken() throws Exception {
    try (PeerProcess process = peer.start("call", serve(seeing()), "blue")) {
      String trace = process.after("trace");
      assertThat(process.after("unary")).isEqualTo(trace + " acme blue");
      assertThat(process.after("bidi")).isEqualTo(trace + " acme blue");
    }
  }

  @Test
  void whileOurHandlerDoesNotReadThePeerCannotSendAndInTheEndWeHaveItAll() throws Exception {
    Stuck stuck = new Stuck();
    try (PeerProcess process = peer.start("flood", serve(stuck.service()), String.valueOf(FLOOD))) {
      await().until(() -> isNamed(StallCause.NO_DEMAND));
      int taken = Integer.parseInt(process.after("still"));
      assertThat(taken).as("messages that the peer could send").isLessThan(FLOOD);
      assertThat(stuck.read).hasValue(0);

      stuck.responses.join().request(Integer.MAX_VALUE);
      assertThat(process.after("done")).isEqualTo(String.valueOf(FLOOD));
      assertThat(stuck.read).hasValue(FLOOD);
      assertThat(received()).isEqualTo(FLOOD);
    }
  }

  /** Messages that our handlers were given, as the gauge counts them. */
  private double received() throws IOException {
    StringWriter text = new StringWriter();
    TextFormat.write004(text, registry.metricFamilySamples());
    return TestSeries.parse(text.toString()).sum("grpc_server_msg_received_total");
  }

  /** Answers with what is current in the handler. */
  private static ServerServiceDefinition seeing() {
    return service(Seeing::new);
  }

  private static ServerServiceDefinition service(
      ServerCalls.BidiStreamingMethod<String, String> bidi) {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                .addMethod(TestMethods.UNARY)
                .addMethod(TestMethods.BIDI)
                .build())
        .addMethod(
            TestMethods.UNARY,
            ServerCalls.asyncUnaryCall(
                (String request, StreamObserver<String> responses) -> {
                  responses.onNext(seen());
                  responses.onCompleted();
                }))
        .addMethod(TestMethods.BIDI, ServerCalls.asyncBidiStreamingCall(bidi))
        .build();
  }

  private static String seen() {
    return Span.current().getSpanContext().getTraceId()
        + " "
        + Baggage.current().getEntryValue("tenant")
        + GrayTags.current().map(tag -> " " + tag).orElse("");
  }

  private record Seeing(StreamObserver<String> responses) implements StreamObserver<String> {
    @Override
    public void onNext(String message) {
      responses.onNext(seen());
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  /** Asks for nothing until the test does. */
  private static final class Stuck {
    final CompletableFuture<ServerCallStreamObserver<String>> responses = new CompletableFuture<>();
    final AtomicLong read = new AtomicLong();

    ServerServiceDefinition service() {
      return PeerContract.service(
          given -> {
            ServerCallStreamObserver<String> call = (ServerCallStreamObserver<String>) given;
            call.disableAutoRequest();
            responses.complete(call);
            return new StreamObserver<>() {
              @Override
              public void onNext(String message) {
                read.incrementAndGet();
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onCompleted() {
                call.onCompleted();
              }
            };
          });
    }
  }
}
