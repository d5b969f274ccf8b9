package io.streamgauge.internal.live;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TransportAttempt;
import io.streamgauge.internal.stream.TransportBytes;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which cause a stream that stands still is given: the first in order that fits. */
@UnitTest
class StallCausesTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);

  private StallCause afterStandingStill(StreamRecorder stream) {
    streams.seconds(2 * TestStreams.THRESHOLD);
    return stream.cause();
  }

  /** One stream that every cause fits, and then one cause less at a time. */
  @Test
  void theFirstCauseThatFitsIsGiven() {
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    TransportAttempt attempt = stream.openAttempt();
    send(stream, 1);
    attempt.onArrived();
    stream.ready(false);
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.NOT_CONNECTED);

    attempt.onFramed();
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.HANDLER_BUSY);

    deliver(stream, 1);
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.PEER_NOT_READING);

    stream.ready(true);
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.NO_DEMAND);

    stream.onRequest(2);
    assertThat(afterStandingStill(stream)).as("the peer is silent").isNull();
  }

  @Test
  void messagesThatNoAttemptHasATransportStreamForAreNotConnected() {
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.CLIENT_STREAM);
    send(stream, 1);

    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.NOT_CONNECTED);
  }

  @Test
  void messagesThatWaitForTheExecutorAreTheHandlers() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    stream.onRequest(5);
    stream.onArrived();

    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.HANDLER_BUSY);
  }

  @Test
  void aCallbackThatDoesNotReturnIsTheHandlers() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    stream.onRequest(5);
    stream.onDeliver();

    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.HANDLER_BUSY);
  }

  @Test
  void aUnaryHandlerRunsInsideTheHalfClose() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.UNARY);
    deliver(stream, 1);
    stream.onHalfClose();

    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.HANDLER_BUSY);
  }

  @Test
  void messagesInTheApplicationsOwnQueueAreTheHandlers() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    stream.onRequest(5);
    AtomicInteger queued = new AtomicInteger(3);
    stream.addQueue(new ApplicationQueue("queue", queued::get));
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.HANDLER_BUSY);
    queued.set(0);

    assertThat(afterStandingStill(stream)).isNull();
  }

  @Test
  void writesThatWaitAreThePeers() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.SERVER_STREAM);
    send(stream, 1);
    stream.ready(false);
    streams.seconds(4 * TestStreams.THRESHOLD);

    assertThat(stream.cause()).isEqualTo(StallCause.PEER_NOT_READING);
  }

  /**
   * Below gRPC's threshold for readiness a stream stands just as still; the agent sees the bytes.
   */
  @Test
  void bytesThatWaitInTheTransportAreThePeersThoughTheStreamIsReady() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    stream.onRequest(1);
    TransportBytes cell = stream.openBytes(null);
    cell.bindTransport();
    cell.onFramed(10);
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.PEER_NOT_READING);
    cell.onWritten(10);

    assertThat(afterStandingStill(stream)).isNull();
  }

  @Test
  void anApplicationThatHasHadAllItAskedForIsNoDemand() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    stream.onRequest(2);
    deliver(stream, 2);

    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.NO_DEMAND);
  }

  @Test
  void whereOneMessageComesInNoDemandIsNoCause() {
    StreamRecorder server = streams.open(CallSide.SERVER, TestStreams.SERVER_STREAM);
    StreamRecorder client = streams.open(CallSide.CLIENT, TestStreams.CLIENT_STREAM);
    streams.seconds(4 * TestStreams.THRESHOLD);

    assertThat(server.cause()).isNull();
    assertThat(client.cause()).isNull();
  }

  @Test
  void afterThePeersLastMessageNoDemandIsNoCause() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    stream.onHalfClose();
    stream.onHandled();

    assertThat(afterStandingStill(stream)).isNull();
  }

  /** A depth that cannot be known is no cause. */
  @Test
  void withoutATracerTheOtherCausesAreStillFound() {
    StreamRecorder stream = streams.openUntraced(CallSide.CLIENT, TestStreams.BIDI);
    send(stream, 1);
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.NO_DEMAND);
    stream.ready(false);
    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.PEER_NOT_READING);
    stream.onDeliver();

    assertThat(afterStandingStill(stream)).isEqualTo(StallCause.HANDLER_BUSY);
  }

  @Test
  void causesAreNumberedInTheirOrder() {
    StallCause[] causes = StallCause.values();

    assertThat(causes).hasSize(StallCause.COUNT);
    for (int i = 0; i < causes.length; i++) {
      assertThat(causes[i].index()).isEqualTo(i);
    }
    assertThat(Arrays.stream(causes).map(StallCause::label))
        .containsExactly(
            "not_connected",
            "stream_limit",
            "headers_not_sent",
            "handler_busy",
            "peer_not_reading",
            "no_demand");
  }
}
