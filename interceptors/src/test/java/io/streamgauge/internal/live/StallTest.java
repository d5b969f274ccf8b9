package io.streamgauge.internal.live;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ClientCalls;
import io.streamgauge.internal.stream.HandMovedClock;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Which streams stand still, and why; real sockets, a clock moved by hand. */
class StallTest extends HandMovedClock {

  @Test
  void notConnected() throws IOException {
    serve(TestService.create());
    server.shutdownNow();
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    call.send("a");

    assertStalls("client", "not_connected");
    call.cancel();
    call.awaitEnd();
    seconds(1);
    assertThat(scrape().sum("grpc_stream_stalled", "side", "client")).isZero();
  }

  @Test
  void handlerBusy() throws IOException {
    CountDownLatch free = new CountDownLatch(1);
    serve(
        driven(
            new ServerCall.Listener<>() {
              @Override
              public void onMessage(String message) {
                Await.hold(free);
              }
            }));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("a");
    accepted.join().request(5);
    await().until(() -> scrape().sum("grpc_stream_buffer_depth", "stage", "handler") == 1);
    awaitRest();

    assertStalls("server", "handler_busy");
    free.countDown();
    await().until(() -> scrape().sum("grpc_stream_buffer_depth", "stage", "handler") == 0);
    assertClears("server");
  }

  @Test
  void peerNotReading() throws IOException {
    serve(driven(nothing()));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    accepted.join();
    String large = "x".repeat(1_000);
    for (int i = 0; i < 3_000; i++) { // more than the server's window of 1 MiB
      call.send(large);
    }
    awaitRest();

    assertStalls("client", "peer_not_reading");
    assertThat(scrape().sum("grpc_stream_not_ready", "side", "client")).isEqualTo(1);
    assertThat(scrape().sum("grpc_stream_sent_while_not_ready_total", "side", "client"))
        .isPositive();
    assertThat(scrape().sum("grpc_stream_blocked_seconds_total", "side", "client"))
        .isBetween(30.0, 32.0);
    accepted.join().request(3_000);
    await().until(() -> scrape().sum("grpc_server_msg_received_total") == 3_000);
    assertClears("client");
    assertThat(scrape().sum("grpc_stream_not_ready", "side", "client")).isZero();
  }

  @Test
  void noDemand() throws IOException {
    serve(driven(nothing()));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    accepted.join();
    awaitRest();

    assertStalls("server", "no_demand");
    accepted.join().request(1);
    assertThat(scrape().sum("grpc_stream_demand", "side", "server")).isEqualTo(1);
    assertClears("server");
  }

  @Test
  void aSilentPeerIsIdleNotStalled() throws IOException {
    serve(driven(nothing()));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    accepted.join().request(1);
    awaitRest();

    seconds(600);
    assertThat(stalledNow()).isZero();
    assertThat(scrape().sum("grpc_stream_stalls_total")).isZero();
    assertThat(scrape().find("grpc_stream_oldest_idle_seconds", "side", "server").get(0).value())
        .isBetween(598.0, 600.0);
  }

  @Test
  void tenHealthyMinutesHaveNoStall() throws IOException {
    serve(TestService.create());
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    for (int second = 0; second < 600; second++) {
      int expected = second + 1;
      call.send("tick");
      await().until(() -> call.received() == expected);
      seconds(1);
      assertThat(stalledNow()).isZero();
    }
    assertThat(scrape().sum("grpc_stream_stalls_total")).isZero();
  }

  @Test
  void aMethodMayHaveAThresholdOfItsOwn() throws IOException {
    ServerCallHandler<String, String> blocked =
        (serverCall, headers) -> {
          accepted.complete(serverCall);
          serverCall.request(1);
          return nothing();
        };
    serve(
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.SERVER_STREAM)
                    .build())
            .addMethod(TestMethods.SERVER_STREAM, blocked)
            .build());
    call =
        TestCall.start(channel, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, new Metadata(), 0);
    call.send("go");
    accepted.join();
    await().until(() -> gauge.liveStreams().size() == 2);
    awaitRest();

    seconds(30);
    assertThat(stalledNow()).isZero();
    seconds(2);
    assertThat(scrape().sum("grpc_stream_stalled", "side", "client", "cause", "no_demand"))
        .isEqualTo(1);
  }

  /** An executor that drops its tasks, as a shut-down one may: no callback ever comes. */
  @Test
  void aCallWhoseEndNobodyHearsEndsAllTheSame() throws IOException {
    serve(TestService.create());
    assertThat(
            ClientCalls.blockingUnaryCall(
                channel, TestMethods.UNARY, CallOptions.DEFAULT, "connected"))
        .isEqualTo("connected");
    TestCall deaf =
        TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT.withExecutor(task -> {}));
    deaf.send("hello");
    deaf.halfClose();
    await().until(() -> scrape().sum("grpc_server_handled_total", "grpc_method", "Bidi") == 1);
    awaitRest();
    assertThat(gauge.liveStreams()).hasSize(1);

    seconds(599);
    assertThat(gauge.liveStreams()).hasSize(1);
    seconds(5);
    assertThat(gauge.liveStreams()).isEmpty();
    assertThat(scrape().sum("grpc_client_handled_total", "grpc_method", "Bidi", "grpc_code", "OK"))
        .isEqualTo(1);
  }

  /** A handler need not keep its call: gRPC does, and the stream is not taken for forgotten. */
  @Test
  void aCallThatItsHandlerDoesNotKeepIsStillOpen() throws IOException {
    serve(
        ServerServiceDefinition.builder(TestMethods.SERVICE)
            .addMethod(
                TestMethods.BIDI,
                (serverCall, headers) -> {
                  serverCall.request(1);
                  return new ServerCall.Listener<String>() {};
                })
            .build());
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("a");
    await().until(() -> scrape().sum("grpc_server_msg_received_total") == 1);
    for (int i = 0; i < 5; i++) {
      System.gc();
      seconds(1);
    }
    assertThat(scrape().sum("grpc_stream_active", "side", "server")).isEqualTo(1);
    call.cancel();
    call.awaitEnd();

    await().until(() -> scrape().sum("grpc_stream_active", "side", "server") == 0);
    assertThat(scrape().sum("grpc_server_handled_total", "grpc_code", "Canceled")).isEqualTo(1);
  }
}
