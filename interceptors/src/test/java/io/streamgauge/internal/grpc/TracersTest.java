package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerStreamTracer.ServerCallInfo;
import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.Cost;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.UnitTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What the tracers make of gRPC's calls to them, in orders a real transport seldom shows. */
@UnitTest
class TracersTest {

  private static final String METHOD = TestMethods.BIDI.getFullMethodName();

  private final Guard guard = new Guard();
  private final List<String> heard = new ArrayList<>();
  private final StreamListener listener =
      new StreamListener() {
        @Override
        public void started(StreamRecorder stream) {
          heard.add("started " + stream.method());
        }

        @Override
        public void ended(StreamRecorder stream, long nowNanos) {
          heard.add("ended " + stream.code() + " " + stream.description());
        }

        @Override
        public void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {
          heard.add(event + " " + detail);
        }
      };
  private final AtomicBoolean enabled = new AtomicBoolean(true);
  private final Methods serverMethods = new Methods(Set.of("excluded.Service"));
  private final Methods clientMethods = new Methods(Set.of());
  private final CallHooks hooks = hooks(listener, enabled::get);
  private final ServerStreamTracer.Factory servers = GaugeServerInterceptor.tracerFactory(hooks);

  private CallHooks hooks(StreamListener listener, BooleanSupplier enabled) {
    return new CallHooks(
        guard,
        () -> 0,
        listener,
        Timing.OFF,
        Cost.FULL,
        serverMethods,
        clientMethods,
        null,
        ScopePort.NONE,
        null,
        enabled);
  }

  private ServerStreamTracer serverTracer(String fullMethodName) {
    return servers.newServerStreamTracer(fullMethodName, new Metadata());
  }

  private static ServerCallInfo<String, String> callInfo() {
    return new ServerCallInfo<>() {
      @Override
      public MethodDescriptor<String, String> getMethodDescriptor() {
        return TestMethods.BIDI;
      }

      @Override
      public Attributes getAttributes() {
        return Attributes.EMPTY;
      }

      @Override
      public String getAuthority() {
        return null;
      }
    };
  }

  private StreamRecorder recorder(ServerStreamTracer tracer) {
    return hooks.recorderOf(tracer.filterContext(Context.ROOT));
  }

  // ---- server --------------------------------------------------------------------------------

  @Test
  void aServerTracerHandsItsStreamOnInTheContext() {
    ServerStreamTracer tracer = serverTracer(METHOD);
    StreamRecorder stream = recorder(tracer);

    assertThat(stream.side()).isEqualTo(CallSide.SERVER);
    assertThat(stream.executorKnown()).isTrue();
    assertThat(recorder(serverTracer(METHOD))).as("one per stream").isNotSameAs(stream);
    assertThat(hooks.recorderOf(Context.ROOT)).isNull();
    assertThat(heard).as("the interceptor starts it").isEmpty();
  }

  @Test
  void aServerTracerCountsWhatItIsTold() {
    ServerStreamTracer tracer = serverTracer(METHOD);
    StreamRecorder stream = recorder(tracer);
    tracer.inboundMessage(0);
    tracer.inboundWireSize(70);
    tracer.inboundMessageRead(0, 70, 64);
    tracer.outboundMessage(0);
    tracer.outboundWireSize(30);
    tracer.outboundMessageSent(0, 30, 25);

    assertThat(stream.executorDepth()).isEqualTo(1);
    assertThat(stream.wireIn()).isEqualTo(70);
    assertThat(stream.wireOut()).isEqualTo(30);
  }

  /** Of a stream that the application closes for that cause, and the container with that status. */
  private int codeOf(Throwable closedFor, Status status) {
    ServerStreamTracer tracer = serverTracer(METHOD);
    StreamRecorder stream = recorder(tracer);
    stream.claim(serverMethods.of(TestMethods.BIDI));
    stream.start(null);
    ServerTracer.closesWith(stream, closedFor);
    tracer.streamClosed(status);
    return stream.code();
  }

  /** A servlet container tells so by an exception; the application hears onCancel. */
  @Test
  void aCallerThatIsGoneIsACallThatIsCancelled() {
    Status gone = Status.UNKNOWN.withCause(new IOException("the client has reset the stream"));

    assertThat(codeOf(null, gone)).isEqualTo(Status.Code.CANCELLED.value());
    assertThat(codeOf(new IOException("a file is missing"), gone))
        .as("the application's own failure")
        .isEqualTo(Status.Code.UNKNOWN.value());
    assertThat(codeOf(new IllegalStateException(new IOException("a file is missing")), gone))
        .as("the application's own failure, which an interceptor outside ours takes apart")
        .isEqualTo(Status.Code.UNKNOWN.value());
    assertThat(codeOf(new IllegalStateException(), gone))
        .as("closed for another reason when the container told")
        .isEqualTo(Status.Code.CANCELLED.value());
    assertThat(codeOf(null, Status.UNKNOWN.withCause(new IllegalStateException())))
        .as("the application's own exception")
        .isEqualTo(Status.Code.UNKNOWN.value());
    assertThat(codeOf(null, Status.INTERNAL.withCause(new IOException())))
        .isEqualTo(Status.Code.INTERNAL.value());
  }

  /** A method that the server does not have: there is no call, and the name is the caller's. */
  @Test
  void aStreamThatNeverBecomesACallIsOther() {
    ServerStreamTracer tracer = serverTracer("pkg.Service/Guessed");
    tracer.streamClosed(Status.UNIMPLEMENTED.withDescription("no such method"));

    assertThat(heard).containsExactly("started _OTHER", "ended 12 no such method");
  }

  @Test
  void aStreamThatIsResetBeforeItsInterceptorRunsIsCountedUnderItsMethod() {
    ServerStreamTracer tracer = serverTracer(METHOD);
    tracer.serverCallStarted(callInfo());
    tracer.streamClosed(Status.CANCELLED);

    assertThat(heard).containsExactly("started " + METHOD, "ended 1 null");
  }

  /** grpc-java issue 12118. */
  @Test
  void aStreamMayBeClosedBeforeItsCallHasStarted() {
    serverMethods.of(TestMethods.BIDI); // seen before
    ServerStreamTracer tracer = serverTracer(METHOD);
    tracer.streamClosed(Status.CANCELLED);
    tracer.serverCallStarted(callInfo());

    assertThat(heard).containsExactly("started " + METHOD, "ended 1 null");
    assertThat(recorder(tracer).claim(serverMethods.of(TestMethods.BIDI))).isFalse();
  }

  @Test
  void aSecondEndIsIgnored() {
    ServerStreamTracer tracer = serverTracer(METHOD);
    tracer.streamClosed(Status.OK);
    tracer.streamClosed(Status.INTERNAL);

    assertThat(heard).hasSize(2).last().isEqualTo("ended 0 null");
  }

  @Test
  void whatIsExcludedOrSwitchedOffHasNoStream() {
    assertThat(recorder(serverTracer("excluded.Service/Method"))).isNull();
    enabled.set(false);
    ServerStreamTracer off = serverTracer(METHOD);
    off.inboundMessageRead(0, 1, 1);
    off.streamClosed(Status.OK);

    assertThat(recorder(off)).isNull();
    assertThat(heard).isEmpty();
  }

  @Test
  void anotherGaugesStreamIsNotOurs() {
    CallHooks other = hooks(listener, () -> true);
    Context theirs =
        GaugeServerInterceptor.tracerFactory(other)
            .newServerStreamTracer(METHOD, new Metadata())
            .filterContext(Context.ROOT);

    assertThat(hooks.recorderOf(theirs)).isNull();
    assertThat(other.recorderOf(theirs)).isNotNull();
  }

  @Test
  void theCellForBytesIsThatOfTheFirstTracerOfOurs() {
    ServerStreamTracer ours = serverTracer(METHOD);
    ServerStreamTracer theirs = new ServerStreamTracer() {};

    assertThat(TracedStreams.bytes(List.of(theirs, ours)))
        .isNotNull()
        .isSameAs(TracedStreams.bytes(List.of(ours)));
    assertThat(TracedStreams.bytes(List.of(theirs))).isNull();
  }

  // ---- client --------------------------------------------------------------------------------

  private final StreamRecorder client = new StreamRecorder(CallSide.CLIENT, hooks);
  private final ClientTracer.Factory attempts = new ClientTracer.Factory(client);

  private ClientStreamTracer attempt() {
    return attempts.newClientStreamTracer(
        ClientStreamTracer.StreamInfo.newBuilder().build(), new Metadata());
  }

  @Test
  void eachAttemptHasATracerOfItsOwn() {
    client.traced();
    client.claim(clientMethods.of(TestMethods.BIDI));
    client.start(null);
    client.onSend();
    client.onSend();
    ClientStreamTracer first = attempt();
    first.outboundMessage(0);
    first.outboundWireSize(10);
    assertThat(client.connectDepth()).isEqualTo(1);
    first.streamClosed(Status.UNAVAILABLE);
    ClientStreamTracer retry = attempt();
    retry.outboundMessage(0);
    retry.outboundMessage(1);
    retry.outboundWireSize(20);
    retry.inboundWireSize(7);
    retry.inboundMessageRead(0, 7, 2);

    assertThat(client.connectDepth()).isZero();
    assertThat(client.executorDepth()).isEqualTo(1);
    assertThat(client.wireOut()).isEqualTo(30);
    assertThat(client.wireIn()).isEqualTo(7);
    retry.streamClosed(Status.OK);
    assertThat(heard).as("only the listener ends a call").hasSize(1);
    // A reset stream may still be told what was being framed.
    first.outboundWireSize(5);
    assertThat(client.wireOut()).isEqualTo(35);
  }

  @Test
  void anAttemptsCellIsItsOwn() {
    ClientStreamTracer first = attempt();
    ClientStreamTracer second = attempt();

    assertThat(TracedStreams.bytes(List.of(first)))
        .isSameAs(TracedStreams.bytes(List.of(first)))
        .isNotSameAs(TracedStreams.bytes(List.of(second)));
  }

  @Test
  void aCallsOptionsLeadToItsStream() {
    CallOptions options = CallOptions.DEFAULT.withStreamTracerFactory(attempts);

    assertThat(TracedStreams.of(options)).isSameAs(client);
    assertThat(TracedStreams.of(CallOptions.DEFAULT)).isNull();
    client.claim(clientMethods.of(TestMethods.BIDI));
    client.start(null);
    assertThat(TracedStreams.routed(options, "match")).isTrue();
    assertThat(TracedStreams.routed(CallOptions.DEFAULT, "match")).isFalse();
    assertThat(heard).containsExactly("started " + METHOD, "ROUTED match");
  }

  @Test
  void nothingIsThrownIntoGrpcWhenTheListenerThrows() {
    StreamListener broken =
        new StreamListener() {
          @Override
          public void ended(StreamRecorder stream, long nowNanos) {
            throw new IllegalStateException("ours");
          }
        };
    CallHooks fragile = hooks(broken, () -> true);
    GaugeServerInterceptor.tracerFactory(fragile)
        .newServerStreamTracer(METHOD, new Metadata())
        .streamClosed(Status.OK);

    assertThat(guard.faults("server.tracer")).isEqualTo(1);
  }
}
