package io.streamgauge.compat;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
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
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.BufferedReader;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Streamgauge on one end and {@code @grpc/grpc-js} with OpenTelemetry's instrumentation for it on
 * the other, in both directions: one trace, and the baggage arrives.
 */
@Timeout(120)
class NodePeerIT {

  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(SdkTracerProvider.builder().build())
          .setPropagators(
              ContextPropagators.create(
                  TextMapPropagator.composite(
                      W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
          .build();
  private final Streamgauge gauge = Streamgauge.builder().openTelemetry(sdk).build();

  @BeforeAll
  static void install() throws Exception {
    NodePeer.install();
  }

  @AfterEach
  void close() {
    gauge.close();
    sdk.close();
  }

  @Test
  void nodeServesOurClient() throws Exception {
    Process node = NodePeer.start("serve");
    try (BufferedReader output = NodePeer.output(node)) {
      ManagedChannel channel = channelTo(output.readLine());
      Span caller = sdk.getTracer("test").spanBuilder("caller").startSpan();
      Context context =
          Context.root().with(caller).with(Baggage.builder().put("tenant", "acme").build());
      try (Scope scope = context.makeCurrent()) {
        String expected = caller.getSpanContext().getTraceId() + " acme  ";
        assertThat(
                ClientCalls.blockingUnaryCall(
                    channel, TestMethods.UNARY, CallOptions.DEFAULT, "unary"))
            .isEqualTo(expected);
        TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
        call.send("bidi");
        call.halfClose();
        assertThat(call.awaitEnd().isOk()).isTrue();
        assertThat(call.messages()).containsExactly(expected);
      } finally {
        channel.shutdownNow();
      }
    } finally {
      node.destroy();
      node.waitFor();
    }
  }

  @Test
  void nodeSeesTheTagByHeaderAndBaggage() throws Exception {
    Process node = NodePeer.start("serve");
    try (BufferedReader output = NodePeer.output(node)) {
      ManagedChannel channel = channelTo(output.readLine());
      try (Scope scope = GrayTags.makeCurrent(GrayTag.of("blue"))) {
        assertThat(
                ClientCalls.blockingUnaryCall(
                    channel, TestMethods.UNARY, CallOptions.DEFAULT, "unary"))
            .endsWith(" blue blue");
        TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
        call.send("bidi");
        call.halfClose();
        assertThat(call.awaitEnd().isOk()).isTrue();
        assertThat(call.messages()).allMatch(message -> message.endsWith(" blue blue"));
      } finally {
        channel.shutdownNow();
      }
    } finally {
      node.destroy();
      node.waitFor();
    }
  }

  private ManagedChannel channelTo(String port) {
    assertThat(port).startsWith("port ");
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(port.substring(5)))
            .usePlaintext();
    gauge.install(builder);
    return builder.build();
  }

  @Test
  void nodesTagIsTaken() throws Exception {
    ServerBuilder<?> builder = TestTransport.NETTY_SHADED.server().addService(seeing());
    gauge.install(builder);
    Server server = builder.build().start();
    Process node = NodePeer.start("call", String.valueOf(server.getPort()), "blue");
    try (BufferedReader output = NodePeer.output(node)) {
      assertThat(output.lines().skip(1)).hasSize(2).allMatch(line -> line.endsWith(" acme blue"));
    } finally {
      node.destroy();
      server.shutdownNow().awaitTermination();
    }
  }

  @Test
  void weServeNodesClient() throws Exception {
    ServerBuilder<?> builder = TestTransport.NETTY_SHADED.server().addService(seeing());
    gauge.install(builder);
    Server server = builder.build().start();
    Process node = NodePeer.start("call", String.valueOf(server.getPort()));
    try (BufferedReader output = NodePeer.output(node)) {
      List<String> lines = output.lines().toList();
      assertThat(lines).hasSize(3);
      String trace = lines.get(0).substring("trace ".length());
      assertThat(trace).hasSize(32);
      assertThat(lines).contains("unary " + trace + " acme", "bidi " + trace + " acme");
    } finally {
      node.destroy();
      server.shutdownNow().awaitTermination();
    }
  }

  /** Answers with what is current in the handler. */
  private static ServerServiceDefinition seeing() {
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
        .addMethod(TestMethods.BIDI, ServerCalls.asyncBidiStreamingCall(Seeing::new))
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
}
