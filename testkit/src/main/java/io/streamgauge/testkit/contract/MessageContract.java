package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSpan;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * One stream whose messages have a trace each, in a protobuf field named {@value #FIELD}: what is
 * called onward for a message belongs to that message's trace.
 */
public abstract class MessageContract extends StreamContract {

  /** What the subject must be configured with. */
  public static final String FIELD = "metadata";

  private static final int MESSAGES = 10_000;

  private static final String[] TAGS = {"blue", null, "green", null};

  private static final MethodDescriptor<ErrorInfo, ErrorInfo> METHOD =
      MethodDescriptor.<ErrorInfo, ErrorInfo>newBuilder()
          .setType(MethodType.BIDI_STREAMING)
          .setFullMethodName(TestMethods.SERVICE + "/Messages")
          .setRequestMarshaller(ProtoUtils.marshaller(ErrorInfo.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(ErrorInfo.getDefaultInstance()))
          .build();

  protected MessageContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  /** Calls the next hop for each message, on the thread that handles it. */
  private ServerServiceDefinition forwarding(ManagedChannel next, Map<String, String> seen) {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE).addMethod(METHOD).build())
        .addMethod(
            METHOD,
            ServerCalls.asyncBidiStreamingCall(responses -> new Forward(next, seen, responses)))
        .build();
  }

  private record Forward(
      ManagedChannel next, Map<String, String> seen, StreamObserver<ErrorInfo> responses)
      implements StreamObserver<ErrorInfo> {
    @Override
    public void onNext(ErrorInfo message) {
      String here = Span.current().getSpanContext().getTraceId();
      String there =
          ClientCalls.blockingUnaryCall(
              next, TestMethods.UNARY, CallOptions.DEFAULT, message.getReason());
      seen.put(message.getReason(), there.contains("|") ? there : here);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  @Test
  void everyOnwardCallBelongsToItsMessagesTrace() throws Exception {
    Map<String, String> seen = new ConcurrentHashMap<>();
    ServerBuilder<?> builder =
        transport().server().addService(forwarding(channel, seen)).intercept(new Principal());
    subject.attach(builder);
    ManagedChannel forwarding = openChannel(start(builder));
    Tracer tracer = subject.openTelemetry().getTracer("test");
    Sender sender = new Sender();
    ClientCalls.asyncBidiStreamingCall(forwarding.newCall(METHOD, CallOptions.DEFAULT), sender);
    Map<String, String> sent = new HashMap<>();
    for (int i = 0; i < MESSAGES; i++) {
      Span order = tracer.spanBuilder("order").setNoParent().startSpan();
      sent.put("order-" + i, order.getSpanContext().getTraceId());
      try (Scope scope = order.makeCurrent()) {
        sender.requests.onNext(
            ErrorInfo.newBuilder().setReason("order-" + i).putMetadata("kept", "yes").build());
      }
      order.end();
    }
    sender.requests.onCompleted();
    Await.open(sender.over);

    assertThat(seen).isEqualTo(sent);
    await().untilAsserted(() -> assertTraces(new HashSet<>(sent.values())));
  }

  /** One stream, tagged itself; its messages are tagged otherwise, in turn, or not at all. */
  @Test
  void everyMessageHasItsOwnTagAndTheCallsAfterIt() throws Exception {
    Map<String, String> seen = new ConcurrentHashMap<>();
    ManagedChannel last = openChannel(startServer(TestHop.create(null)));
    ServerBuilder<?> builder =
        transport().server().addService(forwarding(last, seen)).intercept(new Principal());
    subject.attach(builder);
    ManagedChannel forwarding = openChannel(start(builder));
    Metadata headers = new Metadata();
    headers.put(TestHop.TAG, "gold");
    Sender sender = new Sender();
    ClientCalls.asyncBidiStreamingCall(
        ClientInterceptors.intercept(forwarding, MetadataUtils.newAttachHeadersInterceptor(headers))
            .newCall(METHOD, CallOptions.DEFAULT),
        sender);
    Map<String, String> expected = new HashMap<>();
    for (int i = 0; i < MESSAGES; i++) {
      String tag = TAGS[i % TAGS.length];
      String arrives = tag == null ? "gold" : tag;
      expected.put("order-" + i, arrives + "|" + arrives + "|gray.tag=" + arrives);
      Baggage baggage =
          tag == null ? Baggage.empty() : Baggage.builder().put("gray.tag", tag).build();
      try (Scope scope = io.opentelemetry.context.Context.root().with(baggage).makeCurrent()) {
        sender.requests.onNext(ErrorInfo.newBuilder().setReason("order-" + i).build());
      }
    }
    sender.requests.onCompleted();
    Await.open(sender.over);

    assertThat(seen).isEqualTo(expected);
    for (String side : List.of("grpc_client_msg_sent_total", "grpc_server_msg_received_total")) {
      awaitSum(MESSAGES / 4, side, "grpc_method", "Messages", "gray_tag", "blue");
      awaitSum(MESSAGES / 4, side, "grpc_method", "Messages", "gray_tag", "green");
      awaitSum(MESSAGES / 2, side, "grpc_method", "Messages", "gray_tag", "gold");
    }
    awaitSum(
        MESSAGES / 2, "grpc_gray_resolved_total", "grpc_method", "Messages", "source", "message");
  }

  /** A span for each message in its trace, and the calls onward in it too. */
  private void assertTraces(Set<String> sent) {
    List<TestSpan> spans = subject.spans();
    assertThat(traces(spans, METHOD.getFullMethodName() + " message")).isEqualTo(sent);
    assertThat(traces(spans, TestMethods.UNARY.getFullMethodName())).isEqualTo(sent);
  }

  private static Set<String> traces(List<TestSpan> spans, String name) {
    Set<String> traces = new HashSet<>();
    spans.stream().filter(span -> span.name().equals(name)).forEach(s -> traces.add(s.traceId()));
    return traces;
  }

  /** As applications have them: restores in each callback what was current when the call began. */
  private static final class Principal implements ServerInterceptor {
    private static final Context.Key<String> NAME = Context.key("principal");

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
      Context named = Context.current().withValue(NAME, "somebody");
      return Contexts.interceptCall(named, call, headers, next);
    }
  }

  private static final class Sender implements ClientResponseObserver<ErrorInfo, ErrorInfo> {
    final CountDownLatch over = new CountDownLatch(1);
    ClientCallStreamObserver<ErrorInfo> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<ErrorInfo> requests) {
      this.requests = requests;
    }

    @Override
    public void onNext(ErrorInfo answer) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      over.countDown();
    }
  }
}
