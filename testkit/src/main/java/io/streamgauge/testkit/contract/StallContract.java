package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Each cause of standing still, named and cleared, with the subject's own clock and watch; its
 * subject is configured to a threshold of one second. When exactly that happens is not asked here.
 */
public abstract class StallContract extends StreamContract {

  private static final String STALLED = "grpc_stream_stalled";

  private final CompletableFuture<ServerCall<String, String>> accepted = new CompletableFuture<>();

  protected StallContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  private TestCall callTo(ServerCall.Listener<String> listener) throws IOException {
    ServerCallHandler<String, String> handler =
        (call, headers) -> {
          accepted.complete(call);
          return listener;
        };
    Server driven = startServer(DepthContract.bidi(handler));
    return TestCall.start(openChannel(driven), TestMethods.BIDI, CallOptions.DEFAULT);
  }

  private ServerCall<String, String> accepted() {
    await().until(accepted::isDone);
    return accepted.join();
  }

  /**
   * The gauge and the counter are told one after the other, and a slow machine may make a stream
   * stand still twice: they are read together, and once is enough.
   */
  private void awaitStalled(String side, String cause) {
    await()
        .untilAsserted(
            () -> {
              TestSeries scrape = subject.scrape();
              assertThat(scrape.sum(STALLED, "side", side, "cause", cause)).isEqualTo(1);
              assertThat(scrape.sum(STALLED, "side", side)).isEqualTo(1);
              assertThat(scrape.sum("grpc_stream_stalls_total", "side", side, "cause", cause))
                  .isBetween(1.0, 2.0);
            });
  }

  private static void end(TestCall call) {
    call.cancel();
    call.awaitEnd();
  }

  @Test
  void notConnected() throws IOException {
    Server gone = startServer(TestService.create());
    ManagedChannel toNowhere = openChannel(gone);
    gone.shutdownNow();
    TestCall call =
        TestCall.start(toNowhere, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    call.send("a");

    awaitStalled("client", "not_connected");
    end(call);
    awaitSum(0, STALLED);
  }

  @Test
  void handlerBusy() throws IOException {
    CountDownLatch free = new CountDownLatch(1);
    TestCall call =
        callTo(
            new ServerCall.Listener<>() {
              @Override
              public void onMessage(String message) {
                Await.hold(free);
              }
            });
    call.send("a");
    accepted().request(5);

    awaitStalled("server", "handler_busy");
    free.countDown();
    awaitSum(0, STALLED, "side", "server");
    end(call);
  }

  @Test
  void peerNotReading() throws IOException {
    TestCall call = callTo(new ServerCall.Listener<>() {});
    String large = "x".repeat(1_000);
    for (int i = 0; i < 3_000; i++) { // more than the server's window
      call.send(large);
    }

    awaitStalled("client", "peer_not_reading");
    accepted().request(3_001);
    awaitSum(3_000, "grpc_server_msg_received_total");
    awaitSum(0, STALLED);
    end(call);
  }

  /** The server takes one call at a time; the first one goes on, the second has to wait for it. */
  @Test
  void streamLimit() throws IOException {
    ManagedChannel shared = openChannel(startServer(1));
    TestCall first = answered(shared);
    TestCall second = TestCall.start(shared, TestMethods.BIDI, CallOptions.DEFAULT);
    second.send("b");

    await()
        .untilAsserted(
            () -> {
              if (!subject.seesTransportThread()) {
                first.send("a"); // an answer shows that the transport's thread works
              }
              TestSeries scrape = subject.scrape();
              assertThat(scrape.sum(STALLED, "side", "client", "cause", "stream_limit"))
                  .isEqualTo(1);
              assertThat(scrape.sum(STALLED, "side", "client", "cause", "peer_not_reading"))
                  .isZero();
              assertThat(scrape.sum(DepthContract.DEPTH, "side", "client", "stage", "stream_limit"))
                  .isEqualTo(1);
            });
    assertThat(subject.scrape().sum("grpc_stream_limit_wait_seconds_count")).isZero();

    first.halfClose();
    first.awaitEnd();
    await().until(() -> second.received() == 1);
    awaitSum(0, STALLED, "side", "client");
    awaitSum(0, DepthContract.DEPTH, "side", "client", "stage", "stream_limit");
    awaitSum(1, "grpc_stream_limit_wait_seconds_count", "side", "client");
    end(second);
  }

  /** A call that gives up while it waits for the limit has waited all the same. */
  @Test
  void aCallThatEndsAtTheLimitHasWaited() throws IOException {
    ManagedChannel shared = openChannel(startServer(1));
    TestCall first = answered(shared);
    TestCall second = TestCall.start(shared, TestMethods.BIDI, CallOptions.DEFAULT);
    second.send("b");
    await()
        .untilAsserted(
            () -> {
              first.send("a");
              assertThat(subject.scrape().sum(STALLED, "side", "client", "cause", "stream_limit"))
                  .isEqualTo(1);
            });
    end(second);

    awaitSum(1, "grpc_stream_limit_wait_seconds_count", "side", "client");
    end(first);
  }

  /**
   * The same signature, another cause: a callback on the transport's own thread does not return.
   */
  @Test
  void aBlockedTransportThreadIsNotTheLimit() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    ManagedChannelBuilder<?> builder = transport().channel(server).directExecutor();
    subject.attach(builder);
    ManagedChannel shared = open(builder);
    ClientCall<String, String> first =
        shared.newCall(TestMethods.SERVER_STREAM, CallOptions.DEFAULT);
    first.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(String message) {
            held.countDown();
            Await.hold(free);
          }
        },
        new Metadata());
    first.request(1);
    first.sendMessage("1");
    first.halfClose();
    Await.open(held);
    TestCall second = TestCall.start(shared, TestMethods.BIDI, CallOptions.DEFAULT);
    second.send("b");

    try {
      await()
          .untilAsserted(
              () -> {
                TestSeries scrape = subject.scrape();
                assertThat(scrape.sum(STALLED, "side", "client", "cause", "headers_not_sent"))
                    .isEqualTo(1);
                assertThat(scrape.sum(STALLED, "side", "client", "cause", "handler_busy"))
                    .isEqualTo(1);
              });
      assertThat(subject.scrape().sum("grpc_stream_stalls_total", "cause", "stream_limit"))
          .isZero();
    } finally {
      free.countDown(); // the thread is other channels' too
    }
    awaitSum(0, STALLED, "side", "client", "cause", "headers_not_sent");
    first.cancel("enough", null);
    end(second);
    assertThat(subject.scrape().sum("grpc_stream_limit_wait_seconds_count")).isZero();
  }

  private static TestCall answered(ManagedChannel channel) {
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("a");
    await().until(() -> call.received() == 1);
    return call;
  }

  private Server startServer(int concurrentCalls) throws IOException {
    ServerBuilder<?> builder = transport().server().addService(TestService.create());
    transport().concurrentCalls(builder, concurrentCalls);
    subject.attach(builder);
    return start(builder);
  }

  @Test
  void noDemand() throws IOException {
    TestCall call = callTo(new ServerCall.Listener<>() {});

    awaitStalled("server", "no_demand");
    accepted().request(1);
    awaitSum(0, STALLED, "side", "server");
    end(call);
  }

  /** Both have asked and nothing is queued: they wait for each other, and that is no stall. */
  @Test
  void aSilentPeerIsNoStall() throws IOException {
    TestCall call = callTo(new ServerCall.Listener<>() {});
    accepted().request(1);

    await()
        .until(
            () ->
                subject.scrape().find("grpc_stream_oldest_idle_seconds", "side", "server").stream()
                    .anyMatch(sample -> sample.value() > 3));
    assertThat(subject.scrape().sum(STALLED)).isZero();
    end(call);
  }
}
