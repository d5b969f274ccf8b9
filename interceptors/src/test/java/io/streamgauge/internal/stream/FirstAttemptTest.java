package io.streamgauge.internal.stream;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Timing;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The first attempt of a call, which counts in the stream itself, alone and beside retries and
 * hedges; what holds for those is in {@link TransportAttemptTest}.
 */
@UnitTest
class FirstAttemptTest {

  private static final int UNAVAILABLE = 14;

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final Connection connection = new Connection(streams.env.now());
  private final StreamRecorder sibling = open();
  private final StreamRecorder stream = open();

  private StreamRecorder open() {
    return streams.open(CallSide.CLIENT, TestStreams.BIDI);
  }

  private void connect(StreamRecorder of) {
    assertThat(of.openFirstAttempt()).isTrue();
    of.onConnected(connection, streams.env.now());
  }

  private void siblingIsOnItsWay() {
    connect(sibling);
    sibling.onRequest(1_000);
    sibling.onHeadersLeft();
    stream.onRequest(5);
  }

  private void siblingMovesFor(int seconds) {
    for (int i = 0; i < seconds; i++) {
      sibling.onArrived();
      deliver(sibling, 1);
      streams.seconds(1);
    }
  }

  @Test
  void aCallHasOne() {
    assertThat(stream.openFirstAttempt()).isTrue();
    assertThat(stream.openFirstAttempt()).isFalse();
    stream.closeFirstAttempt(UNAVAILABLE);
    assertThat(stream.openFirstAttempt()).isFalse();
  }

  @Test
  void itIsOnTheWireUntilItCloses() {
    assertThat(stream.hasOpenAttempt()).isFalse();
    assertThat(stream.isOffTheWire()).isFalse();
    assertThat(stream.lastCode()).as("cancelled").isEqualTo(1);
    stream.openFirstAttempt();
    assertThat(stream.hasOpenAttempt()).isTrue();
    stream.closeFirstAttempt(UNAVAILABLE);
    stream.closeFirstAttempt(0);

    assertThat(stream.hasOpenAttempt()).isFalse();
    assertThat(stream.isOffTheWire()).isTrue();
    assertThat(stream.lastCode()).isEqualTo(UNAVAILABLE);
  }

  @Test
  void theLastOneToCloseSaysHowACallEnded() {
    stream.openFirstAttempt();
    TransportAttempt hedge = stream.openAttempt();
    stream.closeAttempt(hedge, UNAVAILABLE);
    assertThat(stream.lastCode()).isEqualTo(UNAVAILABLE);
    assertThat(stream.isOffTheWire()).isFalse();
    stream.closeFirstAttempt(8);
    assertThat(stream.lastCode()).isEqualTo(8);
    assertThat(stream.isOffTheWire()).isTrue();

    TransportAttempt retry = stream.openAttempt();
    assertThat(stream.isOffTheWire()).isFalse();
    stream.closeAttempt(retry, 4);
    assertThat(stream.lastCode()).isEqualTo(4);
  }

  @Test
  void itsCountsAndThoseOfARetryAreOneCalls() {
    send(stream, 3);
    stream.openFirstAttempt();
    stream.onFramed();
    stream.onFramed();
    stream.onWireOut(20);
    stream.onWireIn(5);
    assertThat(stream.connectDepth()).isEqualTo(1);
    stream.closeFirstAttempt(UNAVAILABLE);
    TransportAttempt retry = stream.openAttempt();
    assertThat(stream.connectDepth()).as("what the first had framed").isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      retry.onFramed();
    }
    retry.onWireOut(30);
    retry.onArrived();

    assertThat(stream.connectDepth()).isZero();
    assertThat(stream.executorDepth()).isEqualTo(1);
    assertThat(stream.wireOut()).isEqualTo(50);
    assertThat(stream.wireIn()).isEqualTo(5);
  }

  @Test
  void aHedgeThatLostHasReadForNoOne() {
    stream.openFirstAttempt();
    TransportAttempt hedge = stream.openAttempt();
    stream.onArrived();
    hedge.onArrived();
    hedge.onArrived();
    assertThat(stream.executorDepth()).isEqualTo(2);
    stream.closeAttempt(hedge, 1);
    assertThat(stream.executorDepth()).isEqualTo(1);
    stream.closeFirstAttempt(0);
    assertThat(stream.executorDepth()).as("the furthest, once none is open").isEqualTo(2);
  }

  @Test
  void itsBytesAreItsOwnAndGoneWithIt() {
    stream.openFirstAttempt();
    TransportBytes first = stream.openBytes(null);
    first.bindTransport();
    first.onFramed(100);
    first.unread(7);
    assertThat(stream.openBytes(null)).isSameAs(first);
    TransportAttempt hedge = stream.openAttempt();
    stream.openBytes(hedge).bindTransport();
    stream.openBytes(hedge).onFramed(10);
    assertThat(stream.transportBytes()).isEqualTo(110);
    assertThat(stream.deframerBytes()).isEqualTo(7);
    stream.closeFirstAttempt(1);

    assertThat(stream.transportBytes()).isEqualTo(10);
    assertThat(stream.deframerBytes()).isEqualTo(StreamSnapshot.UNKNOWN);
    assertThat(stream.transportKnown()).isTrue();
    assertThat(stream.deframerKnown()).as("it was").isTrue();
  }

  @Test
  void whatGrpcKeepsForARetryIsWhatTheFurthestHasFramed() {
    stream.openFirstAttempt();
    assertThat(stream.retryBytes()).isEqualTo(StreamSnapshot.UNKNOWN);
    stream.onReplayBegun();
    stream.onWireOut(40);
    assertThat(stream.retryBytes()).isEqualTo(40);
    TransportAttempt hedge = stream.openAttempt();
    hedge.onWireOut(60);
    assertThat(stream.retryBytes()).isEqualTo(60);
    stream.onReplayOver();

    assertThat(stream.retryBytes()).isZero();
    assertThat(stream.replayKnown()).isTrue();
  }

  @Test
  void headersThatWaitWhileTheConnectionWorksAreAtTheLimit() {
    siblingIsOnItsWay();
    connect(stream);
    send(stream, 1);
    stream.onFramed();
    stream.ready(false);
    assertThat(stream.limitDepth()).isEqualTo(1);
    siblingMovesFor(TestStreams.THRESHOLD + 1);
    assertThat(stream.cause()).isEqualTo(StallCause.STREAM_LIMIT);
    stream.onHeadersLeft();
    stream.onHeadersLeft();

    assertThat(stream.limitDepth()).isZero();
    assertThat(streams.heard)
        .filteredOn(line -> line.startsWith("limit"))
        .hasSize(1)
        .allSatisfy(
            line ->
                assertThat(Long.parseLong(line.substring(6)))
                    .isBetween(
                        TestStreams.THRESHOLD * 1_000L, (TestStreams.THRESHOLD + 2) * 1_000L));
  }

  @Test
  void aWaitThatWasAStallIsCountedHoweverLongItGoesOnUnseen() {
    siblingIsOnItsWay();
    connect(stream);
    siblingMovesFor(TestStreams.THRESHOLD + 1);
    streams.pass(3_600, SECONDS);
    stream.closeFirstAttempt(4);

    assertThat(streams.heard).anyMatch(line -> line.startsWith("limit"));
  }

  /** Short, and long after the call began: the time to connect is no wait. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 900, 1_200, 600_000})
  void onlyTheTimeOnTheConnectionIsAWait(int millisToConnect) {
    siblingIsOnItsWay();
    streams.pass(millisToConnect, MILLISECONDS);
    connect(stream);
    streams.pass(50, MILLISECONDS);
    sibling.closeFirstAttempt(0);
    streams.pass(50, MILLISECONDS);
    stream.onHeadersLeft();

    assertThat(streams.heard)
        .filteredOn(line -> line.startsWith("limit"))
        .hasSize(1)
        .allMatch(line -> line.equals("limit 100") || line.equals("limit 99"));
  }

  @Test
  void headersThatWaitWhileNothingIsSeenToWorkAreNotAtTheLimit() {
    siblingIsOnItsWay();
    connect(stream);
    streams.seconds(TestStreams.THRESHOLD + 1);

    assertThat(stream.cause()).isEqualTo(StallCause.HEADERS_NOT_SENT);
  }

  @Test
  void theTransportThreadIsAskedOnceAtATime() {
    siblingIsOnItsWay();
    connect(stream);
    List<Runnable> asked = new ArrayList<>();
    stream.openBytes(null).transportThread(asked::add);
    streams.seconds(TestStreams.THRESHOLD + 1);
    assertThat(asked).as("it did not come to the first one").hasSize(1);
    asked.remove(0).run();
    streams.seconds(TestStreams.THRESHOLD);

    assertThat(asked).hasSize(1);
    assertThat(stream.cause()).isEqualTo(StallCause.STREAM_LIMIT);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneThatIsOnItsWayFreesTheOther(boolean first) {
    siblingIsOnItsWay();
    connect(stream);
    TransportAttempt hedge = stream.openAttempt();
    hedge.onConnected(connection, streams.env.now());
    assertThat(stream.isHeldBack()).isTrue();
    if (first) {
      stream.onHeadersLeft();
    } else {
      hedge.onHeadersLeft();
    }

    assertThat(stream.isHeldBack()).isFalse();
    assertThat(stream.limitDepth()).isZero();
  }

  @Test
  void theConnectionIsThatOfTheLatest() {
    stream.openFirstAttempt();
    assertThat(stream.connection()).isNull();
    stream.onConnected(connection, streams.env.now());
    assertThat(stream.connection()).isSameAs(connection);
    Connection other = new Connection(streams.env.now());
    stream.openAttempt().onConnected(other, streams.env.now());

    assertThat(stream.connection()).isSameAs(other);
  }
}
