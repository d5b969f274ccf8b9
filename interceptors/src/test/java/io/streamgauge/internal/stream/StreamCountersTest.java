package io.streamgauge.internal.stream;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Timing;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a stream's counters say, and the depths that are their differences. */
@UnitTest
class StreamCountersTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final StreamRecorder server = streams.open(CallSide.SERVER, TestStreams.BIDI);
  private final StreamRecorder client = streams.open(CallSide.CLIENT, TestStreams.BIDI);

  @Test
  void messagesAreCountedByDirection() {
    send(server, 3);
    deliver(server, 2);

    assertThat(server.sent()).isEqualTo(3);
    assertThat(server.received()).isEqualTo(2);
  }

  // ---- executor ------------------------------------------------------------------------------

  @Test
  void theExecutorHoldsWhatHasArrivedAndWasNotDelivered() {
    for (int i = 0; i < 5; i++) {
      server.onArrived();
    }
    assertThat(server.executorDepth()).isEqualTo(5);
    server.onDeliver();
    assertThat(server.executorDepth()).as("a message in the handler left it").isEqualTo(4);
    server.onHandled();
    deliver(server, 4);

    assertThat(server.executorDepth()).isZero();
  }

  /** In process the message is delivered before the tracer is told that it has arrived. */
  @Test
  void aLateTracerMakesNoNegativeDepth() {
    deliver(server, 2);
    assertThat(server.executorDepth()).isZero();
    server.onArrived();
    assertThat(server.executorDepth()).isZero();
    server.onArrived();
    server.onArrived();

    assertThat(server.executorDepth()).isEqualTo(1);
  }

  @Test
  void withoutATracerTheStagesBeforeTheApplicationAreUnknown() {
    StreamRecorder untraced = streams.openUntraced(CallSide.CLIENT, TestStreams.BIDI);
    send(untraced, 3);
    untraced.onDeliver();

    assertThat(untraced.executorKnown()).isFalse();
    assertThat(untraced.executorDepth()).isEqualTo(StreamSnapshot.UNKNOWN);
    assertThat(untraced.connectKnown()).isFalse();
    assertThat(untraced.connectDepth()).isEqualTo(StreamSnapshot.UNKNOWN);
    assertThat(untraced.handlerDepth()).as("needs no tracer").isEqualTo(1);
  }

  // ---- handler -------------------------------------------------------------------------------

  @Test
  void theHandlerHoldsOneCallbackThatCarriesWork() {
    assertThat(server.handlerDepth()).isZero();
    server.onDeliver();
    assertThat(server.handlerDepth()).isEqualTo(1);
    server.onHandled();
    assertThat(server.handlerDepth()).isZero();
    server.onHalfClose(); // stubs run unary handlers in there
    assertThat(server.handlerDepth()).isEqualTo(1);
    server.onHandled();

    assertThat(server.handlerDepth()).isZero();
  }

  /** An interceptor below ours may call the listener from inside one of its callbacks. */
  @Test
  void aCallbackInsideAnotherIsStillOne() {
    server.onDeliver();
    server.onDeliver();
    assertThat(server.handlerDepth()).isEqualTo(1);
    server.onHandled();
    assertThat(server.handlerDepth()).isEqualTo(1);
    server.onHandled();

    assertThat(server.handlerDepth()).isZero();
  }

  @Test
  void aCallbackThatReturnsTwiceMakesNoNegativeDepth() {
    server.onDeliver();
    server.onHandled();
    server.onHandled();

    assertThat(server.handlerDepth()).isZero();
  }

  /** Callbacks are counted in an int, which a stream of days may wrap around. */
  @Test
  @Tag("full")
  void theHandlerDepthSurvivesFourBillionCallbacks() {
    long callbacks = (1L << 31) + 10;
    for (long i = 0; i < callbacks; i++) {
      client.onDeliver();
      client.onHandled();
    }
    assertThat(client.handlerDepth()).isZero();
    client.onDeliver();
    assertThat(client.handlerDepth()).isEqualTo(1);
    client.onHandled();

    assertThat(client.handlerDepth()).isZero();
    assertThat(client.received()).isEqualTo(callbacks + 1);
  }

  // ---- connect -------------------------------------------------------------------------------

  @Test
  void aClientsMessagesWaitUntilAnAttemptHasATransportStream() {
    send(client, 4);
    assertThat(client.connectDepth()).as("no attempt yet").isEqualTo(4);
    TransportAttempt attempt = client.openAttempt();
    assertThat(client.connectDepth()).isEqualTo(4);
    attempt.onFramed();
    attempt.onFramed();
    assertThat(client.connectDepth()).isEqualTo(2);
    attempt.onFramed();
    attempt.onFramed();

    assertThat(client.connectDepth()).isZero();
  }

  @Test
  void aServerHasNoConnectStage() {
    send(server, 4);

    assertThat(server.connectKnown()).isFalse();
    assertThat(server.connectDepth()).isEqualTo(StreamSnapshot.UNKNOWN);
  }

  // ---- bytes ---------------------------------------------------------------------------------

  @Test
  void wireBytesAddUp() {
    server.onWireOut(5);
    server.onWireOut(70);
    server.onWireIn(9);

    assertThat(server.wireOut()).isEqualTo(75);
    assertThat(server.wireIn()).isEqualTo(9);
  }

  /** gRPC tells bytes after the stream was closed, if it was framing meanwhile. */
  @Test
  void whatTheTracerTellsAfterTheEndStillCounts() {
    server.end(1, null);
    server.onArrived();
    server.onWireOut(5);
    server.onWireIn(7);
    server.onDeliver();
    server.onHandled();

    assertThat(server.wireOut()).isEqualTo(5);
    assertThat(server.wireIn()).isEqualTo(7);
    assertThat(server.received()).isEqualTo(1);
    assertThat(server.executorDepth()).isZero();
    assertThat(streams.heard).containsExactly("started", "started", "ended 1", "first 0");
  }
}
