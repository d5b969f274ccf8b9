package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Scope;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSpan;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a program does with gRPC's contexts and cancellation, it does as without us. Each
 * expectation here is what the same program sees with nothing attached.
 */
public abstract class ProgramContract extends StreamContract {

  private static final Context.Key<String> KEY = Context.key("of-the-program");

  private final Queue<String> seen = new ConcurrentLinkedQueue<>();

  /** One thread, which exists before any call: what it runs it was handed, not born with. */
  private final ThreadPoolExecutor pool = (ThreadPoolExecutor) Executors.newFixedThreadPool(1);

  protected ProgramContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
    pool.prestartAllCoreThreads();
  }

  @AfterEach
  void endPool() throws InterruptedException {
    pool.shutdownNow();
    Await.terminated(pool);
  }

  /** A call is made under one context of gRPC's and started under another; gRPC keeps the first. */
  @Test
  void callbacksOfAClientCallRunInTheContextOfNewCall() throws IOException {
    ClientInterceptor attaching =
        new ClientInterceptor() {
          @Override
          public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
              MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
            Context context = Context.current().withValue(KEY, "newCall");
            Context before = context.attach();
            try {
              return next.newCall(method, options);
            } finally {
              context.detach(before);
            }
          }
        };
    ManagedChannelBuilder<?> builder = transport().channel(server);
    subject.attach(builder);
    ManagedChannel watched = open(builder.intercept(attaching));
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<String, String> call = watched.newCall(TestMethods.UNARY, CallOptions.DEFAULT);
    Context.current()
        .withValue(KEY, "start")
        .run(() -> call.start(new Looking(end), new Metadata()));
    call.request(2);
    call.sendMessage("hello");
    call.halfClose();

    await().until(end::isDone);
    assertThat(end.join().isOk()).isTrue();
    assertThat(seen).containsExactly("headers newCall", "message newCall", "close newCall");
  }

  private final class Looking extends ClientCall.Listener<String> {
    private final CompletableFuture<Status> end;

    Looking(CompletableFuture<Status> end) {
      this.end = end;
    }

    @Override
    public void onHeaders(Metadata headers) {
      seen.add("headers " + KEY.get());
    }

    @Override
    public void onMessage(String message) {
      seen.add("message " + KEY.get());
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      seen.add("close " + KEY.get());
      end.complete(status);
    }
  }

  /**
   * A handler hands work to a pool and answers. The work goes on when the call is over: neither its
   * end nor its deadline reaches it.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void workThatOutlivesItsCallIsNotCancelled(boolean onTheServersOwnExecutor) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    CompletableFuture<String> worked = new CompletableFuture<>();
    ServerBuilder<?> builder =
        transport()
            .server()
            .addService(
                unary(
                    (request, responses) -> {
                      Deadline deadline = Context.current().getDeadline();
                      pool.execute(
                          () -> {
                            Await.hold(over);
                            await().until(deadline::isExpired);
                            worked.complete(
                                Context.current().isCancelled()
                                    + " "
                                    + Context.current().getDeadline()
                                    + " "
                                    + outcome());
                          });
                      responses.onNext(request);
                      responses.onCompleted();
                    }));
    if (onTheServersOwnExecutor) {
      builder.executor(pool);
    }
    subject.attach(builder);
    ManagedChannel channel = openChannel(start(builder));
    TestCall call =
        TestCall.start(
            channel,
            TestMethods.UNARY,
            CallOptions.DEFAULT.withDeadlineAfter(1_500, TimeUnit.MILLISECONDS));
    call.send("hello");
    call.halfClose();
    // A deadline passed on a slow machine ends the call otherwise; the work outlives it as well.
    call.awaitEnd();
    over.countDown();

    assertThat(Await.get(worked)).isEqualTo("false null OK");
  }

  /** Of a call made from the work, over the channel of every test here. */
  private String outcome() {
    try {
      ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "later");
      return "OK";
    } catch (io.grpc.StatusRuntimeException e) {
      return e.getStatus().toString();
    }
  }

  /** In the handler, in work it wraps, and in an interceptor's own context: all hear of it. */
  @Test
  void aCancellationIsHeardWhereItWas() throws Exception {
    ServerInterceptor own =
        new ServerInterceptor() {
          @Override
          public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
              ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            Context context = Context.current().withValue(KEY, "intercepted");
            return Contexts.interceptCall(context, call, headers, next);
          }
        };
    CountDownLatch listening = new CountDownLatch(2);
    ServerServiceDefinition service =
        unary(
            (request, responses) -> {
              listen("handler");
              listening.countDown();
              pool.execute(
                  Context.current()
                      .wrap(
                          () -> {
                            listen("wrapped");
                            listening.countDown();
                          }));
            });
    ServerBuilder<?> builder = transport().server().addService(service).intercept(own);
    subject.attach(builder);
    Server served = start(builder);
    TestCall call = TestCall.start(openChannel(served), TestMethods.UNARY, CallOptions.DEFAULT);
    call.send("hello");
    call.halfClose();
    Await.open(listening);
    call.cancel();

    await()
        .untilAsserted(
            () ->
                assertThat(seen)
                    .containsExactlyInAnyOrder("handler intercepted", "wrapped intercepted"));
  }

  /** As a Kotlin coroutine goes on: with gRPC's context on a thread that has no other. */
  @Test
  void anOnwardCallWithNothingButGrpcsContextIsInTheTrace() throws Exception {
    CompletableFuture<String> worked = new CompletableFuture<>();
    ServerServiceDefinition service =
        unary(
            (request, responses) -> {
              Context context = Context.current();
              pool.execute(
                  () -> {
                    try (Scope scope = io.opentelemetry.context.Context.root().makeCurrent()) {
                      context.run(() -> worked.complete(outcome()));
                    }
                    responses.onNext(request);
                    responses.onCompleted();
                  });
            });
    TestCall call =
        TestCall.start(openChannel(startServer(service)), TestMethods.UNARY, CallOptions.DEFAULT);
    call.send("hello");
    call.halfClose();

    assertThat(call.awaitEnd().isOk()).isTrue();
    assertThat(Await.get(worked)).isEqualTo("OK");
    await()
        .untilAsserted(
            () ->
                assertThat(traces())
                    .hasSize(4)
                    .as("one trace for both calls")
                    .containsOnly(traces().get(0)));
  }

  /** Of gRPC's spans: under an agent the tests' own HTTP client makes some too. */
  private List<String> traces() {
    return subject.spans().stream()
        .filter(span -> span.attributes().containsKey("rpc.system.name"))
        .map(TestSpan::traceId)
        .toList();
  }

  private void listen(String where) {
    String value = KEY.get();
    Context.current().addListener(context -> seen.add(where + " " + value), Runnable::run);
  }

  /** The handler of a unary method. */
  private interface Handler {
    void handle(String request, StreamObserver<String> responses);
  }

  private static ServerServiceDefinition unary(Handler handler) {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE).addMethod(TestMethods.UNARY).build())
        .addMethod(TestMethods.UNARY, ServerCalls.asyncUnaryCall(handler::handle))
        .build();
  }
}
