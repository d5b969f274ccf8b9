package io.streamgauge.internal.grpc;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.grpc.util.TransmitStatusRuntimeExceptionInterceptor;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gauge attached in part, or more than once, counts what happened, and each call once. */
class AttachmentTest {

  private static final int CALLS = 5;

  private final LibrarySubject subject = new LibrarySubject();
  private Server server;
  private ManagedChannel channel;

  @AfterEach
  void close() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
    subject.close();
  }

  private void start(ServerBuilder<?> serving) throws Exception {
    server = serving.build().start();
    channel = TestTransport.NETTY_SHADED.channel(server).build();
  }

  private Status call(CallOptions options, String request) {
    TestCall call = TestCall.start(channel, TestMethods.UNARY, options);
    call.send(request);
    call.halfClose();
    return call.awaitEnd();
  }

  private void awaitSum(double expected, String name, String... labels) {
    await()
        .untilAsserted(
            () -> assertThat(subject.scrape().sum(name, labels)).as(name).isEqualTo(expected));
  }

  @Test
  void aGaugeInstalledTwiceCountsEachCallOnce() throws Exception {
    ServerBuilder<?> serving = TestTransport.NETTY_SHADED.server().addService(TestService.create());
    subject.attach(serving);
    subject.attach(serving);
    server = serving.build().start();
    ManagedChannelBuilder<?> builder = TestTransport.NETTY_SHADED.channel(server);
    subject.attach(builder);
    subject.attach(builder);
    builder.intercept(subject.gauge().clientInterceptor());
    channel = builder.build();
    for (int i = 0; i < CALLS; i++) {
      assertThat(call(CallOptions.DEFAULT, "hello").isOk()).isTrue();
    }

    for (String side : new String[] {"client", "server"}) {
      for (String count : new String[] {"started", "handled", "msg_received", "msg_sent"}) {
        awaitSum(CALLS, "grpc_" + side + "_" + count + "_total");
      }
    }
    assertThat(subject.spans()).hasSize(2 * CALLS);
    awaitSum(0, "streamgauge_faults_total");
  }

  /**
   * Handlers that throw, on a server that takes interceptors only; outside, what sends statuses.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anInterceptorAloneCountsWhatTheCallerIsTold(boolean transmitting) throws Exception {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.UNARY)
                    .addMethod(TestMethods.BIDI)
                    .build())
            .addMethod(
                TestMethods.UNARY,
                ServerCalls.asyncUnaryCall(
                    (String request, StreamObserver<String> to) -> fail(request)))
            .addMethod(
                TestMethods.BIDI,
                ServerCalls.asyncBidiStreamingCall((StreamObserver<String> to) -> new Failing()))
            .build();
    BindableService bindable = () -> service;
    ServerBuilder<?> serving =
        TestTransport.NETTY_SHADED
            .server()
            .addService(bindable)
            .intercept(subject.gauge().serverInterceptor());
    if (transmitting) {
      serving.intercept(TransmitStatusRuntimeExceptionInterceptor.instance());
    }
    start(serving);
    Status.Code told = transmitting ? Status.Code.NOT_FOUND : Status.Code.UNKNOWN;
    for (int i = 0; i < CALLS; i++) {
      assertThat(call(CallOptions.DEFAULT, "runtime").getCode()).isEqualTo(Status.Code.UNKNOWN);
      assertThat(call(CallOptions.DEFAULT, "status").getCode()).isEqualTo(told);
      TestCall bidi = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
      bidi.send("status");
      assertThat(bidi.awaitEnd().getCode()).isEqualTo(told);
    }

    awaitSum(3 * CALLS, "grpc_server_handled_total");
    awaitSum(transmitting ? CALLS : 3 * CALLS, "grpc_server_handled_total", "grpc_code", "Unknown");
    awaitSum(transmitting ? 2 * CALLS : 0, "grpc_server_handled_total", "grpc_code", "NotFound");
  }

  private static void fail(String how) {
    if (how.equals("status")) {
      throw new StatusRuntimeException(Status.NOT_FOUND);
    }
    throw new IllegalStateException("asked for it");
  }

  private static final class Failing implements StreamObserver<String> {
    @Override
    public void onNext(String how) {
      fail(how);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  /** The only thread of the server is busy: the calls end before an interceptor has seen them. */
  @Test
  void aCallThatDiesBeforeItIsServedHasASpanWithItsCode() throws Exception {
    ExecutorService one = Executors.newFixedThreadPool(1);
    CountDownLatch free = new CountDownLatch(1);
    ServerBuilder<?> serving =
        TestTransport.NETTY_SHADED
            .server()
            .executor(one)
            .addService(
                ServerServiceDefinition.builder(
                        ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                            .addMethod(TestMethods.UNARY)
                            .build())
                    .addMethod(
                        TestMethods.UNARY,
                        (ServerCall<String, String> call, Metadata headers) -> {
                          Await.hold(free);
                          call.sendHeaders(new Metadata());
                          call.sendMessage("hello");
                          call.close(Status.OK, new Metadata());
                          return new ServerCall.Listener<>() {};
                        })
                    .build());
    subject.attach(serving);
    start(serving);
    TestCall busy = TestCall.start(channel, TestMethods.UNARY, CallOptions.DEFAULT);
    busy.send("hello");
    busy.halfClose();
    awaitSum(1, "grpc_stream_active", "side", "server");
    CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS);
    for (int i = 0; i < CALLS; i++) {
      assertThat(call(soon, "hello").getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    TestCall given = TestCall.start(channel, TestMethods.UNARY, CallOptions.DEFAULT);
    given.send("hello");
    given.halfClose();
    given.cancel();
    given.awaitEnd();
    // What reached the server ended there too; a cancel may overtake the call's headers.
    await()
        .untilAsserted(
            () ->
                assertThat(
                        subject.scrape().sum("grpc_server_handled_total", "grpc_code", "Canceled"))
                    .isPositive());
    free.countDown();
    assertThat(busy.awaitEnd().isOk()).isTrue();

    await()
        .untilAsserted(
            () ->
                assertThat(subject.spans())
                    .hasSize((int) subject.scrape().sum("grpc_server_handled_total")));
    assertThat(subject.spans())
        .extracting(span -> span.attributes().get("rpc.status_code"))
        .contains("OK", "CANCELLED");
    one.shutdown();
    Await.terminated(one);
  }
}
