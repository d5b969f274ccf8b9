package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.MessageCarrier;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** A single message of a stream with a trace of its own, through the stream and onward. */
class MessageTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  /** In text messages of the testkit: {@code payload|key=value|key=value}. */
  private static final MessageCarrier<String> TEXT =
      new MessageCarrier<>() {
        @Override
        public Map<String, String> read(String message) {
          Map<String, String> values = new HashMap<>();
          String[] parts = message.split("\\|", -1);
          for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            values.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
          }
          return values;
        }

        @Override
        public String write(String message, Map<String, String> values) {
          StringBuilder with = new StringBuilder(message);
          values.forEach((key, value) -> with.append('|').append(key).append('=').append(value));
          return with.toString();
        }
      };

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  private Streamgauge gauge =
      Streamgauge.builder().openTelemetry(sdk).messageCarrier(String.class, TEXT).build();
  private final Queue<AutoCloseable> open = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    gauge.close();
    sdk.close();
  }

  private Server start(ServerServiceDefinition service) throws IOException {
    ServerBuilder<?> builder = TestTransport.NETTY_SHADED.server().addService(service);
    gauge.install(builder);
    Server server = builder.build().start();
    open.add(server::shutdownNow);
    return server;
  }

  private ManagedChannel channelTo(Server server) {
    ManagedChannelBuilder<?> builder = TestTransport.NETTY_SHADED.channel(server);
    gauge.install(builder);
    ManagedChannel channel = builder.build();
    open.add(channel::shutdownNow);
    return channel;
  }

  /** Calls the next hop for each message, on the thread that handles it. */
  private ServerServiceDefinition forwarding(ManagedChannel next, Map<String, String> seen) {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE).addMethod(TestMethods.BIDI).build())
        .addMethod(
            TestMethods.BIDI,
            ServerCalls.asyncBidiStreamingCall(
                (StreamObserver<String> responses) -> new Forward(next, seen, responses)))
        .build();
  }

  private record Forward(
      ManagedChannel next, Map<String, String> seen, StreamObserver<String> responses)
      implements StreamObserver<String> {
    @Override
    public void onNext(String message) {
      String payload = message.substring(0, message.indexOf('|'));
      seen.put(payload, Span.current().getSpanContext().getTraceId());
      ClientCalls.blockingUnaryCall(next, TestMethods.UNARY, CallOptions.DEFAULT, payload);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  @Test
  void aMessageWithoutATraceIsHandledInTheStreams() throws Exception {
    Map<String, String> seen = new ConcurrentHashMap<>();
    ManagedChannel next = channelTo(start(TestService.create()));
    ManagedChannel channel = channelTo(start(forwarding(next, seen)));
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("plain|x=y");
    call.halfClose();
    call.awaitEnd();

    String stream =
        spans.getFinishedSpanItems().stream()
            .filter(span -> span.getName().equals(TestMethods.BIDI.getFullMethodName()))
            .findFirst()
            .orElseThrow()
            .getTraceId();
    assertThat(seen).containsOnly(Map.entry("plain", stream));
  }

  @Test
  void logKeysAreTheMessagesWhileItIsHandled() throws Exception {
    gauge.close();
    gauge =
        Streamgauge.builder()
            .openTelemetry(sdk)
            .messageCarrier(String.class, TEXT)
            .mdc(true)
            .build();
    Queue<String> logged = new ConcurrentLinkedQueue<>();
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.BIDI)
                    .build())
            .addMethod(
                TestMethods.BIDI,
                ServerCalls.asyncBidiStreamingCall(
                    (StreamObserver<String> responses) -> new Logging(responses, logged)))
            .build();
    TestCall call =
        TestCall.start(channelTo(start(service)), TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("a|traceparent=00-" + TRACE + "-b7ad6b7169203331-01");
    call.send("b");
    call.halfClose();
    call.awaitEnd();

    String stream =
        spans.getFinishedSpanItems().stream()
            .filter(span -> span.getName().equals(TestMethods.BIDI.getFullMethodName()))
            .findFirst()
            .orElseThrow()
            .getTraceId();
    assertThat(logged).containsExactly(TRACE, stream);
  }

  /**
   * An application's span may stay current over thousands of messages; its trace stays readable.
   */
  @Test
  void aTraceGetsSoManySpansOfMessagesInARow() throws Exception {
    gauge.close();
    CollectorRegistry registry = new CollectorRegistry();
    gauge =
        Streamgauge.builder()
            .openTelemetry(sdk)
            .prometheus(registry)
            .messageCarrier(String.class, TEXT)
            .build();
    Map<String, String> seen = new ConcurrentHashMap<>();
    ManagedChannel next = channelTo(start(TestService.create()));
    ManagedChannel channel = channelTo(start(forwarding(next, seen)));
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    int messages = MessageSpans.MAX_IN_A_ROW + 2;
    for (int i = 0; i < messages; i++) {
      call.send(i + "|traceparent=00-" + TRACE + "-b7ad6b7169203331-01");
    }
    String other = "1af7651916cd43dd8448eb211c80319c";
    call.send("other|traceparent=00-" + other + "-b7ad6b7169203331-01");
    call.halfClose();
    call.awaitEnd();

    String message = TestMethods.BIDI.getFullMethodName() + " message";
    assertThat(
            spans.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(message))
                .map(SpanData::getTraceId)
                .collect(Collectors.groupingBy(trace -> trace, Collectors.counting())))
        .isEqualTo(Map.of(TRACE, (long) MessageSpans.MAX_IN_A_ROW, other, 1L));
    assertThat(seen.values().stream().filter(TRACE::equals))
        .as("messages handled in their trace, with a span or without")
        .hasSize(messages);
    assertThat(
            registry.getSampleValue(
                "streamgauge_refused_total", new String[] {"what"}, new String[] {"message_spans"}))
        .isEqualTo(2);
  }

  /** What the application may hand on carries no stranger's tag any more. */
  @Test
  void atTheEdgeAMessagesTagIsTakenOutOfIt() throws Exception {
    gauge.close();
    gauge =
        Streamgauge.builder()
            .openTelemetry(sdk)
            .messageField("metadata")
            .gray(GrayPolicy.builder().ingress(GrayIngress.EDGE).build())
            .build();
    Queue<Map<String, String>> seen = new ConcurrentLinkedQueue<>();
    MethodDescriptor<ErrorInfo, ErrorInfo> method =
        MethodDescriptor.<ErrorInfo, ErrorInfo>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(TestMethods.SERVICE + "/Messages")
            .setRequestMarshaller(ProtoUtils.marshaller(ErrorInfo.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(ErrorInfo.getDefaultInstance()))
            .build();
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE).addMethod(method).build())
            .addMethod(
                method, ServerCalls.asyncBidiStreamingCall(responses -> new Maps(responses, seen)))
            .build();
    ManagedChannel stranger = TestTransport.NETTY_SHADED.channel(start(service)).build();
    open.add(stranger::shutdownNow);
    CountDownLatch over = new CountDownLatch(1);
    StreamObserver<ErrorInfo> requests =
        ClientCalls.asyncBidiStreamingCall(
            stranger.newCall(method, CallOptions.DEFAULT), new Ending(over));
    requests.onNext(
        ErrorInfo.newBuilder()
            .putMetadata("x-env-tag", "blue")
            .putMetadata("baggage", "tenant=acme,gray.tag=blue")
            .putMetadata("kept", "yes")
            .build());
    requests.onCompleted();
    Await.open(over);

    assertThat(seen).containsExactly(Map.of("kept", "yes", "baggage", "tenant=acme"));
  }

  private record Ending(CountDownLatch over) implements StreamObserver<ErrorInfo> {
    @Override
    public void onNext(ErrorInfo message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      over.countDown();
    }
  }

  private record Maps(StreamObserver<ErrorInfo> responses, Queue<Map<String, String>> seen)
      implements StreamObserver<ErrorInfo> {
    @Override
    public void onNext(ErrorInfo message) {
      seen.add(message.getMetadataMap());
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  private record Logging(StreamObserver<String> responses, Queue<String> logged)
      implements StreamObserver<String> {
    @Override
    public void onNext(String message) {
      logged.add(MDC.get("trace_id"));
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  /** Stubs act on the one message of a unary call in onHalfClose. */
  @Test
  void aUnaryRequestIsHandledInItsOwnTrace() throws Exception {
    Queue<String> current = new ConcurrentLinkedQueue<>();
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.UNARY)
                    .build())
            .addMethod(
                TestMethods.UNARY,
                ServerCalls.asyncUnaryCall(
                    (String request, StreamObserver<String> responses) -> {
                      current.add(Span.current().getSpanContext().getTraceId());
                      responses.onNext("done");
                      responses.onCompleted();
                    }))
            .build();
    ManagedChannel channel = channelTo(start(service));
    ClientCalls.blockingUnaryCall(
        channel,
        TestMethods.UNARY,
        CallOptions.DEFAULT,
        "a|traceparent=00-" + TRACE + "-b7ad6b7169203331-01");

    assertThat(current).containsExactly(TRACE);
  }
}
