package io.streamgauge.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Scope;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

/**
 * In every callback of every stream, the stream's own trace, and after it nothing: on threads that
 * many streams share.
 */
@Gate({"R5", "R13"})
public abstract class ContextContract extends StreamContract {

  private static final int STREAMS = 100;
  private static final int MESSAGES = 20;

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  protected ContextContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  /** Checks after each task that nothing stayed behind; a test's own scopes are closed by then. */
  private Executor watched(Executor executor) {
    return task ->
        executor.execute(
            () -> {
              // Compared by what is in it: under an agent a context has a new wrapper each time.
              SpanContext before = Span.current().getSpanContext();
              Map<String, String> logged = MDC.getCopyOfContextMap();
              MDC.put("mine", "kept");
              Map<String, String> expected = MDC.getCopyOfContextMap();
              task.run();
              if (!Span.current().getSpanContext().equals(before)) {
                wrong.add("a scope stayed open");
              }
              if (!expected.equals(MDC.getCopyOfContextMap())) {
                wrong.add("the MDC is not as before: " + MDC.getCopyOfContextMap());
              }
              // Tasks nest where a transport runs them on the caller's stack.
              MDC.setContextMap(logged == null ? Map.of() : logged);
            });
  }

  private void expectTrace(String where, String expected) {
    String trace = Span.current().getSpanContext().getTraceId();
    if (!trace.equals(expected)) {
      wrong.add(where + ": current is " + trace + " instead of " + expected);
    }
    if (subject.fillsMdc() && !expected.equals(MDC.get("trace_id"))) {
      wrong.add(where + ": the MDC has " + MDC.get("trace_id") + " instead of " + expected);
    }
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE).addMethod(TestMethods.BIDI).build())
        .addMethod(
            TestMethods.BIDI,
            ServerCalls.asyncBidiStreamingCall(
                (StreamObserver<String> responses) -> new Echo(responses)))
        .build();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 64})
  void aHundredStreamsOnSharedThreads(int threads) throws Exception {
    ExecutorService pool = threads == 0 ? null : Executors.newFixedThreadPool(threads);
    Executor executor = watched(threads == 0 ? Runnable::run : pool);
    ServerBuilder<?> serverBuilder = transport().server().executor(executor).addService(service());
    subject.attach(serverBuilder);
    Server echo = start(serverBuilder);
    ManagedChannelBuilder<?> channelBuilder = transport().channel(echo).executor(executor);
    subject.attach(channelBuilder);
    ManagedChannel toEcho = open(channelBuilder);
    CountDownLatch over = new CountDownLatch(STREAMS);
    List<ClientCall<String, String>> calls = new ArrayList<>();
    List<String> traces = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      Span span = subject.openTelemetry().getTracer("test").spanBuilder("caller").startSpan();
      String trace = span.getSpanContext().getTraceId();
      try (Scope scope = span.makeCurrent()) {
        ClientCall<String, String> call = toEcho.newCall(TestMethods.BIDI, CallOptions.DEFAULT);
        call.start(new Listener(trace, over), new Metadata());
        call.request(MESSAGES + 1);
        calls.add(call);
        traces.add(trace);
      }
    }
    for (int m = 0; m < MESSAGES; m++) {
      for (int i = 0; i < STREAMS; i++) {
        calls.get(i).sendMessage(traces.get(i));
      }
    }
    calls.forEach(ClientCall::halfClose);

    Await.open(over);
    toEcho.shutdownNow();
    echo.shutdownNow().awaitTermination();
    if (pool != null) {
      pool.shutdown();
      Await.terminated(pool);
    }
    assertThat(wrong).isEmpty();
  }

  private final class Echo implements StreamObserver<String> {
    private final StreamObserver<String> responses;

    Echo(StreamObserver<String> responses) {
      this.responses = responses;
    }

    @Override
    public void onNext(String trace) {
      expectTrace("server onMessage", trace);
      responses.onNext(trace);
    }

    @Override
    public void onError(Throwable failure) {
      wrong.add(failure.toString());
    }

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  private final class Listener extends ClientCall.Listener<String> {
    private final String trace;
    private final CountDownLatch over;
    private int received;

    Listener(String trace, CountDownLatch over) {
      this.trace = trace;
      this.over = over;
    }

    @Override
    public void onMessage(String message) {
      received++;
      expectTrace("client onMessage", trace);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      expectTrace("client onClose", trace);
      if (!status.isOk() || received != MESSAGES) {
        wrong.add("ended " + status + " after " + received);
      }
      over.countDown();
    }
  }
}
