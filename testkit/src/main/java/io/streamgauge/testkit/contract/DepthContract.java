package io.streamgauge.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a depth says is what waits there. */
@Gate({"R5", "R6"})
public abstract class DepthContract extends StreamContract {

  protected DepthContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  protected static final String DEPTH = "grpc_stream_buffer_depth";

  @Test
  void messagesBehindABlockedHandlerWaitInTheServersExecutor() throws IOException {
    CountDownLatch free = new CountDownLatch(1);
    Server blocked = startServer(bidi(new BlockOn(11, 50, free)));
    TestCall call = TestCall.start(openChannel(blocked), TestMethods.BIDI, CallOptions.DEFAULT);
    for (int i = 0; i < 50; i++) {
      call.send("message " + i);
    }

    awaitSum(39, DEPTH, "side", "server", "stage", "executor", "direction", "in");
    awaitSum(1, DEPTH, "side", "server", "stage", "handler");
    awaitSum(11, "grpc_server_msg_received_total");

    free.countDown();
    awaitSum(0, DEPTH, "side", "server", "stage", "executor");
    awaitSum(50, "grpc_server_msg_received_total");
    call.cancel();
    call.awaitEnd();
  }

  /** A server whose handler holds its first message, so that exactly {@code n} wait behind it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 10_000})
  void exactlyWhatTheServersConsumerHoldsIsItsDepth(int n) throws IOException {
    CountDownLatch free = new CountDownLatch(1);
    Server holding = startServer(bidi(new BlockOn(1, n + 1, free)));
    TestCall call = TestCall.start(openChannel(holding), TestMethods.BIDI, CallOptions.DEFAULT);
    for (int i = 0; i < n + 1; i++) {
      call.send("m");
    }

    awaitSum(1, DEPTH, "side", "server", "stage", "handler");
    awaitSum(n, DEPTH, "side", "server", "stage", "executor");
    free.countDown();
    awaitSum(n + 1, "grpc_server_msg_received_total");
    awaitSum(0, DEPTH, "side", "server");
    call.cancel();
    call.awaitEnd();
  }

  /** The same on the client: its listener holds the first of {@code n + 1} responses. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 10_000})
  void exactlyWhatTheClientsConsumerHoldsIsItsDepth(int n) {
    CountDownLatch free = new CountDownLatch(1);
    TestCall call = TestCall.holding(channel, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, free);
    call.send("count:" + (n + 1));
    call.halfClose();

    awaitSum(1, DEPTH, "side", "client", "stage", "handler");
    awaitSum(n, DEPTH, "side", "client", "stage", "executor");
    free.countDown();
    call.awaitEnd();
    awaitSum(n + 1, "grpc_client_msg_received_total");
    awaitSum(0, DEPTH, "side", "client");
  }

  /** And before the connection: what was sent waits in connect, nothing else does. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 10_000})
  void exactlyWhatWasSentBeforeTheConnectionIsTheConnectDepth(int n) throws IOException {
    Server gone = startServer(TestService.create());
    ManagedChannel toNowhere = openChannel(gone);
    gone.shutdownNow();
    TestCall call =
        TestCall.start(toNowhere, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    for (int i = 0; i < n; i++) {
      call.send("m");
    }

    awaitSum(n, DEPTH, "side", "client", "stage", "connect");
    awaitSum(0, DEPTH, "side", "client", "stage", "executor");
    call.cancel();
    call.awaitEnd();
    awaitSum(0, DEPTH, "side", "client", "stage", "connect");
  }

  @Test
  void stagesThatDoNotExistOnASideAreAbsent() {
    unary("hello");

    TestSeries series = subject.scrape();
    assertThat(series.has(DEPTH, "side", "server", "stage", "connect")).isFalse();
    assertThat(series.has(DEPTH, "side", "client", "stage", "connect")).isTrue();
    assertThat(series.has(DEPTH, "side", "server", "stage", "executor")).isTrue();
  }

  /** 800 x 1000 bytes at once, before there is a connection; then there is one. */
  @Test
  void messagesSentBeforeTheConnectionLeaveConnectWithIt() {
    String large = "x".repeat(1_000);
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    for (int i = 0; i < 800; i++) {
      call.send(large);
    }
    awaitSum(0, DEPTH, "side", "client", "stage", "connect");
    awaitSum(800, "grpc_server_msg_received_total");
    call.halfClose();
    call.awaitEnd();
  }

  protected static ServerServiceDefinition bidi(ServerCallHandler<String, String> handler) {
    return ServerServiceDefinition.builder(
            io.grpc.ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                .addMethod(TestMethods.BIDI)
                .build())
        .addMethod(TestMethods.BIDI, handler)
        .build();
  }

  /** Asks for {@code demand} messages at once and blocks inside the {@code at}th. */
  protected static final class BlockOn implements ServerCallHandler<String, String> {
    private final int at;
    private final int demand;
    private final CountDownLatch free;

    public BlockOn(int at, int demand, CountDownLatch free) {
      this.at = at;
      this.demand = demand;
      this.free = free;
    }

    @Override
    public ServerCall.Listener<String> startCall(
        ServerCall<String, String> call, Metadata headers) {
      if (demand > 0) {
        call.request(demand);
      }
      return new ServerCall.Listener<>() {
        private int seen;

        @Override
        public void onMessage(String message) {
          if (++seen == at) {
            awaitFree();
          }
        }

        @Override
        public void onHalfClose() {
          call.close(Status.OK, new Metadata());
        }
      };
    }

    private void awaitFree() {
      Await.hold(free);
    }
  }
}
