package io.streamgauge.internal.stream;

import static io.streamgauge.internal.stream.TestStreams.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls whose headers do not leave: at the peer's limit of concurrent streams, or blocked. */
@UnitTest
class StreamLimitTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final Connection connection = new Connection(streams.env.now());
  private final StreamRecorder sibling = streams.open(CallSide.CLIENT, TestStreams.BIDI);
  private final TransportAttempt siblings = connected(sibling);
  private final StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);

  private TransportAttempt connected(StreamRecorder of) {
    TransportAttempt attempt = of.openAttempt();
    attempt.onConnected(connection, streams.env.now());
    return attempt;
  }

  @BeforeEach
  void theFirstCallIsOnItsWay() {
    sibling.onRequest(1_000);
    siblings.onHeadersLeft();
    stream.onRequest(5);
  }

  private void siblingMovesFor(int seconds) {
    for (int i = 0; i < seconds; i++) {
      siblings.onArrived();
      streams.seconds(1);
    }
  }

  @Test
  void aCallWhoseHeadersWaitWhileTheConnectionWorksIsAtTheLimit() {
    TransportAttempt attempt = connected(stream);
    send(stream, 1);
    attempt.onFramed();
    stream.ready(false);
    assertThat(stream.limitDepth()).isEqualTo(1);
    siblingMovesFor(TestStreams.THRESHOLD + 1);
    assertThat(stream.cause()).isEqualTo(StallCause.STREAM_LIMIT);

    attempt.onHeadersLeft();
    assertThat(stream.limitDepth()).isZero();
    assertThat(streams.heard).contains("limit " + (TestStreams.THRESHOLD + 1) * 1_000);
  }

  @Test
  void withoutAMessageToo() {
    connected(stream);
    siblingMovesFor(TestStreams.THRESHOLD + 1);

    assertThat(stream.cause()).isEqualTo(StallCause.STREAM_LIMIT);
  }

  @Test
  void aCallWhoseHeadersWaitWhileNothingIsSeenToWorkIsNotBlamedOnTheLimit() {
    connected(stream);
    streams.seconds(TestStreams.THRESHOLD + 1);

    assertThat(stream.cause()).isEqualTo(StallCause.HEADERS_NOT_SENT);
    assertThat(streams.heard).noneMatch(line -> line.startsWith("limit"));
  }

  /** Under the agent the watch asks the transport thread itself. */
  @Test
  void theTransportThreadIsAskedOnceAtATime() {
    TransportAttempt attempt = connected(stream);
    List<Runnable> asked = new ArrayList<>();
    stream.openBytes(attempt).transportThread(asked::add);
    streams.seconds(TestStreams.THRESHOLD + 1);
    assertThat(asked).as("it did not come to the first one").hasSize(1);
    assertThat(stream.cause()).isEqualTo(StallCause.HEADERS_NOT_SENT);

    asked.remove(0).run();
    streams.seconds(TestStreams.THRESHOLD);
    assertThat(asked).hasSize(1);
    assertThat(stream.cause()).isEqualTo(StallCause.STREAM_LIMIT);
  }

  /** The sibling ends in the middle of a tenth of a second, then the headers leave. */
  private void headersLeaveAfterTheSiblingEndsWith(int code) {
    TransportAttempt attempt = connected(stream);
    streams.pass(40, TimeUnit.MILLISECONDS);
    sibling.closeAttempt(siblings, code);
    streams.pass(60, TimeUnit.MILLISECONDS);
    attempt.onHeadersLeft();
    attempt.onHeadersLeft();
  }

  @Test
  void shortWaitsAreMeasuredByTheEndsOfOtherCalls() {
    headersLeaveAfterTheSiblingEndsWith(0);

    assertThat(streams.heard).filteredOn(line -> line.startsWith("limit")).hasSize(1);
    assertThat(streams.heard).contains("limit 100");
  }

  @Test
  void theWayToTheTransportThreadIsNoWait() {
    TransportAttempt attempt = connected(stream);
    streams.pass(900, TimeUnit.MICROSECONDS);
    attempt.onHeadersLeft();

    assertThat(streams.heard).noneMatch(line -> line.startsWith("limit"));
  }

  @Test
  void aCallThatEndsWhileItWaitsHasWaited() {
    TransportAttempt attempt = connected(stream);
    streams.pass(50, TimeUnit.MILLISECONDS);
    sibling.closeAttempt(siblings, 0);
    streams.pass(50, TimeUnit.MILLISECONDS);
    stream.closeAttempt(attempt, 4);

    assertThat(streams.heard).contains("limit 100");
  }

  @Test
  void aHedgeThatIsOnItsWayIsNotHeldBackByOneThatIsNot() {
    connected(stream);
    connected(stream).onHeadersLeft();
    siblingMovesFor(TestStreams.THRESHOLD + 1);

    assertThat(stream.cause()).isNull();
    assertThat(stream.limitDepth()).isZero();
  }

  /** A slow application may notice long after the last sign of the connection. */
  @Test
  void aWaitThatWasAStallIsCountedHoweverLongItGoesOnUnseen() {
    TransportAttempt attempt = connected(stream);
    siblingMovesFor(TestStreams.THRESHOLD + 1);
    assertThat(stream.cause()).isEqualTo(StallCause.STREAM_LIMIT);
    streams.pass(1, TimeUnit.HOURS);
    attempt.onHeadersLeft();

    assertThat(streams.heard).anyMatch(line -> line.startsWith("limit"));
  }

  /** A transport that never tells of headers is not waited for. */
  @Test
  void whereNoHeadersWereEverToldOfNothingIsHeldBack() {
    TestStreams silent = new TestStreams(Timing.OFF);
    StreamRecorder alone = silent.open(CallSide.CLIENT, TestStreams.BIDI);
    alone.onRequest(5);
    alone.openAttempt().onConnected(new Connection(silent.env.now()), silent.env.now());
    silent.seconds(TestStreams.THRESHOLD + 1);
    assertThat(alone.cause()).isNull();
    assertThat(alone.limitDepth()).isZero();
  }

  /** The headers wait behind bytes that the socket does not take, and the thread answers. */
  @Test
  void aFullSocketIsNotTheLimit() {
    TransportBytes siblingsBytes = sibling.openBytes(siblings);
    siblingsBytes.bindTransport();
    siblingsBytes.onFramed(1_000);
    TransportAttempt attempt = connected(stream);
    stream.openBytes(attempt).transportThread(Runnable::run);
    streams.seconds(TestStreams.THRESHOLD + 1);

    assertThat(stream.cause()).isEqualTo(StallCause.HEADERS_NOT_SENT);
  }

  /** Cancelled, its deadline passed, or the connection lost. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 14})
  void anEndThatThisSideGaveShowsNothingOfThePeer(int code) {
    headersLeaveAfterTheSiblingEndsWith(code);

    assertThat(streams.heard).noneMatch(line -> line.startsWith("limit"));
  }

  @Test
  void anAnswerIsProofThatTheHeadersLeft() {
    TransportAttempt attempt = connected(stream);
    attempt.onWireIn(10);
    siblingMovesFor(TestStreams.THRESHOLD + 1);

    assertThat(stream.cause()).isNull();
  }
}
