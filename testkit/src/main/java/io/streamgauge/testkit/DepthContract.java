package io.streamgauge.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a depth says is what waits there. */
public abstract class DepthContract extends StreamContract {

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

  @Test
  void stagesThatDoNotExistOnASideAreAbsent() {
    unary("hello");

    TestSeries series = subject.scrape();
    assertThat(series.has(DEPTH, "side", "server", "stage", "connect")).isFalse();
    assertThat(series.has(DEPTH, "side", "client", "stage", "connect")).isTrue();
    assertThat(series.has(DEPTH, "side", "server", "stage", "executor")).isTrue();
  }

  @Test
  void messagesSentBeforeTheConnectionWaitInConnect() throws IOException {
    // A channel whose server is gone for good never leaves the connect stage.
    Server gone = startServer(TestService.create());
    ManagedChannel toNowhere = openChannel(gone);
    gone.shutdownNow();
    TestCall call =
        TestCall.start(toNowhere, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    for (int i = 0; i < 800; i++) {
      call.send("message");
    }

    awaitSum(800, DEPTH, "side", "client", "stage", "connect", "direction", "out");
    call.cancel();
    call.awaitEnd();
    awaitSum(0, DEPTH, "side", "client", "stage", "connect");
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
      try {
        if (!free.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException("never freed");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
