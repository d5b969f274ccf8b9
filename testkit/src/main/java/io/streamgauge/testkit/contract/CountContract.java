package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Calls and messages are counted on both sides, for every call kind and every way to end. */
public abstract class CountContract extends StreamContract {

  protected CountContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  /**
   * As a blocking stub that is cancelled and kept: its callbacks run only while it is used, so the
   * end waits in its executor for ever.
   */
  @Test
  void aCallThatIsCancelledAndNotUsedAnyMoreIsOver() throws InterruptedException {
    BlockingQueue<Runnable> callbacks = new LinkedBlockingQueue<>();
    TestCall call =
        TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT.withExecutor(callbacks::add));
    call.send("a");
    while (call.received() == 0) {
      Await.next(callbacks).run();
    }
    call.cancel();

    awaitSum(1, "grpc_client_handled_total", "grpc_code", "Canceled");
    awaitSum(0, "grpc_stream_active");
    assertThat(call.received()).isEqualTo(1);
  }

  @Test
  void unaryMessagesAreCounted() {
    assertThat(unary("hello")).isEqualTo("hello");

    assertCounts("unary", "Unary", 1, 1);
    assertEnded("OK", "Unary");
  }

  @Test
  void clientStreamIsCounted() {
    TestCall call = exchange(TestMethods.CLIENT_STREAM, "a", "b", "c");

    assertThat(codeOf(call)).isEqualTo(Status.Code.OK);
    assertCounts("client_stream", "ClientStream", 3, 1);
    assertEnded("OK", "ClientStream");
  }

  @Test
  void serverStreamIsCounted() {
    TestCall call = exchange(TestMethods.SERVER_STREAM, "count:5");

    assertThat(call.received()).isEqualTo(5);
    assertCounts("server_stream", "ServerStream", 1, 5);
    assertEnded("OK", "ServerStream");
  }

  @Test
  void bidiStreamIsCounted() {
    TestCall call = exchange(TestMethods.BIDI, "a", "count:3");

    assertThat(call.received()).isEqualTo(4);
    assertCounts("bidi_stream", "Bidi", 2, 4);
    assertEnded("OK", "Bidi");
  }

  @Test
  void anOpenStreamIsActiveAndItsMessagesShowWhileItLives() {
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("a");

    awaitSum(1, "grpc_client_msg_received_total", "grpc_method", "Bidi");
    awaitSum(1, "grpc_stream_active", "side", "client", "grpc_method", "Bidi");
    awaitSum(1, "grpc_stream_active", "side", "server", "grpc_method", "Bidi");
    awaitSum(1, "grpc_server_msg_received_total", "grpc_method", "Bidi");
    assertThat(subject.scrape().sum("grpc_server_handled_total", "grpc_method", "Bidi")).isZero();

    call.halfClose();
    call.awaitEnd();
    awaitSum(0, "grpc_stream_active");
  }

  @Test
  void anApplicationErrorCountsUnderItsCodeOnBothSides() {
    assertThatThrownBy(() -> unary("fail:NOT_FOUND")).isInstanceOf(StatusRuntimeException.class);

    assertEnded("NotFound", "Unary");
  }

  @Test
  void aHandlerThatThrowsCountsOnce() {
    assertThatThrownBy(() -> unary("throw")).isInstanceOf(StatusRuntimeException.class);

    assertEnded("Unknown", "Unary");
    assertThat(subject.scrape().sum("grpc_server_handling_seconds_count", "grpc_method", "Unary"))
        .isEqualTo(1);
  }

  @Test
  void aCancelledStreamIsCountedOnBothSides() {
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("hang");
    awaitSum(1, "grpc_server_msg_received_total", "grpc_method", "Bidi");
    call.cancel();

    assertThat(codeOf(call)).isEqualTo(Status.Code.CANCELLED);
    assertEnded("Canceled", "Bidi");
  }

  @Test
  void aDeadlineIsCountedOnTheClientAndEndsTheServer() {
    assertThatThrownBy(
            () ->
                ClientCalls.blockingUnaryCall(
                    channel,
                    TestMethods.UNARY,
                    CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS),
                    "hang"))
        .isInstanceOf(StatusRuntimeException.class);

    awaitSum(1, "grpc_client_handled_total", "grpc_code", "DeadlineExceeded");
    awaitSum(subject.scrape().sum("grpc_server_started_total"), "grpc_server_handled_total");
  }

  @Test
  void anUnknownMethodIsOther() {
    for (int i = 0; i < 5; i++) {
      int number = i;
      assertThatThrownBy(
              () ->
                  ClientCalls.blockingUnaryCall(
                      channel,
                      TestMethods.unary("made.up.Service" + number + "/Method" + number),
                      CallOptions.DEFAULT,
                      "hello"))
          .isInstanceOf(StatusRuntimeException.class);
    }

    awaitSum(
        5,
        "grpc_server_handled_total",
        "grpc_method",
        "_OTHER",
        "grpc_service",
        "_OTHER",
        "grpc_code",
        "Unimplemented");
    assertThat(subject.scrape().find("grpc_server_started_total")).hasSize(1);
  }

  @Test
  void aCallThatIsNeverStartedLeavesNothing() {
    channel.newCall(TestMethods.BIDI, CallOptions.DEFAULT);
    channel.newCall(TestMethods.BIDI, CallOptions.DEFAULT).cancel("never started", null);

    assertThat(subject.scrape().sum("grpc_client_started_total")).isZero();
    assertThat(subject.scrape().sum("grpc_stream_active")).isZero();
  }

  private void assertCounts(String type, String method, int requests, int responses) {
    String[] labels = {
      "grpc_type",
      type,
      "grpc_service",
      TestMethods.SERVICE,
      "grpc_method",
      method,
      "gray_tag",
      "baseline"
    };
    awaitSum(1, "grpc_client_started_total", labels);
    awaitSum(1, "grpc_server_started_total", labels);
    awaitSum(requests, "grpc_client_msg_sent_total", labels);
    awaitSum(requests, "grpc_server_msg_received_total", labels);
    awaitSum(responses, "grpc_server_msg_sent_total", labels);
    awaitSum(responses, "grpc_client_msg_received_total", labels);
  }

  private void assertEnded(String code, String method) {
    for (String side : new String[] {"client", "server"}) {
      awaitSum(1, "grpc_" + side + "_handled_total", "grpc_code", code, "grpc_method", method);
      await()
          .untilAsserted(
              () ->
                  assertThat(subject.scrape().sum("grpc_" + side + "_handling_seconds_count"))
                      .isEqualTo(1));
    }
    awaitSum(0, "grpc_stream_active");
  }
}
