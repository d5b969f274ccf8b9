package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Bytes that wait inside gRPC, for those who can see them; over transports that have bytes. */
public abstract class BytesContract extends StreamContract {

  protected static final String BYTES = "grpc_stream_buffer_bytes";

  private static final int WINDOW = 65_536;
  private static final int MESSAGES = 800;

  /** A payload of 1000 bytes and gRPC's prefix of five. */
  private static final int FRAMED = 1_005;

  private final CompletableFuture<ServerCall<String, String>> accepted = new CompletableFuture<>();
  private final CountDownLatch free = new CountDownLatch(1);

  protected BytesContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  private double bytes(String side, String stage) {
    return subject.scrape().sum(BYTES, "side", side, "stage", stage);
  }

  private void awaitBytes(double expected, String side, String stage) {
    awaitSum(expected, BYTES, "side", side, "stage", stage);
  }

  /** Within a frame: the transport takes whole messages out of its balance, and only then. */
  private void awaitTransport(double expected) {
    await()
        .untilAsserted(
            () -> assertThat(bytes("client", "transport")).isBetween(expected, expected + FRAMED));
  }

  /** A server that asks for nothing by itself and is stuck in its eleventh message. */
  private TestCall flood() throws IOException {
    ServerCallHandler<String, String> handler =
        (call, headers) -> {
          accepted.complete(call);
          return new StuckAt(11);
        };
    ServerBuilder<?> builder = transport().server(WINDOW).addService(DepthContract.bidi(handler));
    subject.attach(builder);
    Server server = start(builder);
    TestCall call = TestCall.start(openChannel(server), TestMethods.BIDI, CallOptions.DEFAULT);
    String message = "x".repeat(1_000);
    for (int i = 0; i < MESSAGES; i++) {
      call.send(message);
    }
    return call;
  }

  /** The scenario and the figures of what gRPC itself holds, field by field. */
  @Test
  void whatNobodyAsksForIsSeenWhereItWaits() throws Exception {
    TestCall call = flood();

    awaitBytes(WINDOW, "server", "deframer");
    // What is past the window waits in the client, to the last message.
    awaitTransport(MESSAGES * FRAMED - WINDOW);
    awaitBytes(MESSAGES * 1_000, "client", "retry");
    assertThat(bytes("client", "transport") + bytes("server", "deframer"))
        .isBetween((double) MESSAGES * FRAMED, (double) (MESSAGES + 1) * FRAMED);

    // Ten are taken out and nothing flows: the window is given back by halves.
    Await.get(accepted).request(10);
    awaitBytes(WINDOW - 10 * FRAMED, "server", "deframer");
    awaitTransport(MESSAGES * FRAMED - WINDOW);

    // Forty more: one in the handler, 39 parsed and waiting for it, and part of the window is back.
    accepted.join().request(40);
    awaitSum(39, DepthContract.DEPTH, "side", "server", "stage", "executor");
    await()
        .untilAsserted(
            () ->
                assertThat(
                        bytes("client", "transport")
                            + bytes("server", "deframer")
                            + 50 * (double) FRAMED)
                    .isBetween((double) MESSAGES * FRAMED, (double) (MESSAGES + 1) * FRAMED));

    free.countDown();
    accepted.join().request(MESSAGES);
    awaitSum(MESSAGES, "grpc_server_msg_received_total");
    awaitBytes(0, "client", "transport");
    awaitBytes(0, "server", "deframer");
    accepted.join().sendHeaders(new Metadata());
    awaitBytes(0, "client", "retry");
    call.cancel();
    call.awaitEnd();
  }

  @Test
  void aResetGivesBackWhatWasQueued() throws Exception {
    TestCall call = flood();
    awaitBytes(WINDOW, "server", "deframer");
    awaitTransport(MESSAGES * FRAMED - WINDOW);

    call.cancel();
    call.awaitEnd();
    awaitSum(0, BYTES);
    awaitSum(0, "grpc_stream_active");
  }

  @Test
  void theServerClosingGivesBackWhatWasQueued() throws Exception {
    TestCall call = flood();
    awaitBytes(WINDOW, "server", "deframer");
    Await.get(accepted).close(Status.ABORTED, new Metadata());

    assertThat(call.awaitEnd().getCode()).isEqualTo(Status.Code.ABORTED);
    awaitSum(0, BYTES);
    awaitSum(0, "grpc_stream_active");
  }

  /** The other way round: a client that asks for one of 64 messages of 8 KiB. */
  @Test
  void whatTheClientDoesNotAskForWaitsInTheServersTransport() throws IOException {
    int size = 8 * 1024;
    ManagedChannelBuilder<?> builder = transport().channel(server, WINDOW);
    subject.attach(builder);
    ManagedChannel narrow = open(builder);
    TestCall call =
        TestCall.start(narrow, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, new Metadata(), 1);
    call.send("large:64:" + size);
    call.halfClose();

    await().until(() -> call.received() == 1);
    int all = 64 * (size + 5);
    await()
        .untilAsserted(
            () ->
                assertThat(bytes("server", "transport") + bytes("client", "deframer") + (size + 5))
                    .isBetween((double) all, (double) all + size + 5));
    assertThat(bytes("server", "transport")).isGreaterThan(all - 2.0 * WINDOW);
    call.request(64);
    call.awaitEnd();
    assertThat(call.received()).isEqualTo(64);
    awaitSum(0, BYTES);
  }

  /** Past its limit gRPC gives the copy up, though no header has come. */
  @Test
  void aCallPastTheReplayLimitKeepsNothing() throws Exception {
    ServerCallHandler<String, String> handler =
        (call, headers) -> {
          accepted.complete(call);
          return new ServerCall.Listener<>() {};
        };
    Server silent = startServer(DepthContract.bidi(handler));
    ManagedChannelBuilder<?> builder = transport().channel(silent).perRpcBufferLimit(10_000);
    subject.attach(builder);
    TestCall call = TestCall.start(open(builder), TestMethods.BIDI, CallOptions.DEFAULT);
    String message = "x".repeat(1_000);
    for (int i = 0; i < 9; i++) {
      call.send(message);
    }
    awaitBytes(9_000, "client", "retry");
    call.send(message);
    awaitBytes(10_000, "client", "retry");
    call.send(message);
    awaitBytes(0, "client", "retry");
    call.cancel();
    call.awaitEnd();
  }

  @Test
  void stagesAreThereAtZeroOnceACallWasSeen() {
    unary("hello");

    await()
        .untilAsserted(
            () -> {
              TestSeries series = subject.scrape();
              for (String side : new String[] {"server", "client"}) {
                for (String stage : new String[] {"transport", "deframer"}) {
                  assertThat(series.has(BYTES, "side", side, "stage", stage)).isTrue();
                }
              }
              assertThat(series.has(BYTES, "side", "client", "stage", "retry")).isTrue();
              assertThat(series.has(BYTES, "side", "server", "stage", "retry")).isFalse();
              assertThat(series.sum(BYTES)).isZero();
            });
  }

  private final class StuckAt extends ServerCall.Listener<String> {
    private final int at;
    private int seen;

    StuckAt(int at) {
      this.at = at;
    }

    @Override
    public void onMessage(String message) {
      if (++seen == at) {
        Await.hold(free);
      }
    }
  }
}
