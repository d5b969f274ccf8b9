package io.streamgauge.internal.stream;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Demand, readiness, and the time a stream could not be written to. */
@UnitTest
class FlowControlTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);

  // ---- demand --------------------------------------------------------------------------------

  @Test
  void demandIsWhatWasAskedForLessWhatWasDelivered() {
    assertThat(stream.demand()).isZero();
    stream.onRequest(5);
    stream.onRequest(2);
    assertThat(stream.demand()).isEqualTo(7);
    deliver(stream, 3);
    assertThat(stream.demand()).isEqualTo(4);
  }

  @Test
  void askingForNothingOrLessChangesNothing() {
    stream.onRequest(3);
    stream.onRequest(0);
    stream.onRequest(-1);
    stream.onRequest(Integer.MIN_VALUE);

    assertThat(stream.demand()).isEqualTo(3);
  }

  @Test
  void demandDoesNotOverflow() {
    for (int i = 0; i < 10; i++) {
      stream.onRequest(Integer.MAX_VALUE);
    }

    assertThat(stream.demand()).isEqualTo(10L * Integer.MAX_VALUE);
  }

  /** Some transports deliver a message that the application has not asked for. */
  @Test
  void moreMessagesThanWereAskedForAreNoDemand() {
    stream.onRequest(1);
    deliver(stream, 3);

    assertThat(stream.demand()).isZero();
    stream.onRequest(3);
    assertThat(stream.demand()).isEqualTo(1);
  }

  @Test
  void aSingleMessageIsNoDemand() {
    StreamRecorder unary = streams.open(CallSide.SERVER, TestStreams.UNARY);
    StreamRecorder oneRequest = streams.open(CallSide.SERVER, TestStreams.SERVER_STREAM);
    StreamRecorder oneResponse = streams.open(CallSide.CLIENT, TestStreams.CLIENT_STREAM);
    StreamRecorder responses = streams.open(CallSide.CLIENT, TestStreams.SERVER_STREAM);
    StreamRecorder requests = streams.open(CallSide.SERVER, TestStreams.CLIENT_STREAM);
    for (StreamRecorder each :
        new StreamRecorder[] {unary, oneRequest, oneResponse, responses, requests}) {
      each.onRequest(2);
    }

    assertThat(unary.demand()).isZero();
    assertThat(oneRequest.demand()).isZero();
    assertThat(oneResponse.demand()).isZero();
    assertThat(responses.demand()).isEqualTo(2);
    assertThat(requests.demand()).isEqualTo(2);
  }

  @Test
  void aPeerThatIsDoneLeavesNoDemand() {
    stream.onRequest(5);
    deliver(stream, 1);
    stream.onHalfClose();

    assertThat(stream.demand()).isZero();
    stream.onRequest(5);
    assertThat(stream.demand()).isZero();
  }

  @Test
  void anEndedStreamHasNoDemand() {
    stream.onRequest(5);
    stream.end(1, null);

    assertThat(stream.demand()).isZero();
  }

  // ---- readiness -----------------------------------------------------------------------------

  /** gRPC calls a stream not ready until it has a transport stream. */
  @Test
  void nothingIsPendingBeforeTheFirstMessage() {
    stream.ready(false);
    streams.pass(5, SECONDS);

    assertThat(stream.isNotReady()).isFalse();
    assertThat(stream.blockedNanos()).isZero();
    assertThat(stream.ignored()).isZero();
  }

  @Test
  void blockedTimeRunsFromNotReadyToReadyAndAddsUp() {
    send(stream, 1);
    stream.ready(false);
    streams.pass(3, SECONDS);
    assertThat(stream.isNotReady()).isTrue();
    assertThat(stream.blockedNanos()).as("so far").isEqualTo(SECONDS.toNanos(3));
    stream.ready(true);
    streams.pass(100, SECONDS);
    assertThat(stream.isNotReady()).isFalse();
    assertThat(stream.blockedNanos()).isEqualTo(SECONDS.toNanos(3));

    stream.ready(false);
    streams.pass(4, SECONDS);
    stream.ready(true);
    assertThat(stream.blockedNanos()).isEqualTo(SECONDS.toNanos(7));
  }

  @Test
  void theSameAnswerAgainIsNoEdge() {
    send(stream, 1);
    stream.ready(true);
    stream.ready(true);
    stream.ready(false);
    streams.pass(1, SECONDS);
    stream.ready(false);
    streams.pass(1, SECONDS);
    stream.ready(false);
    stream.ready(true);
    stream.ready(true);

    assertThat(stream.blockedNanos()).isEqualTo(SECONDS.toNanos(2));
  }

  @Test
  void onlyMessagesSentWhileNotReadyIgnoreFlowControl() {
    send(stream, 10);
    stream.ready(false);
    send(stream, 3);
    stream.ready(true);
    send(stream, 10);
    stream.ready(false);
    send(stream, 1);

    assertThat(stream.ignored()).isEqualTo(4);
    assertThat(stream.sent()).isEqualTo(24);
  }

  @Test
  void aClosedOutboundSideIsNeverNotReady() {
    send(stream, 1);
    stream.ready(false);
    streams.pass(2, SECONDS);
    stream.onOutboundClosed();
    streams.pass(2, SECONDS);
    stream.ready(false); // as gRPC says after the last message
    streams.pass(2, SECONDS);

    assertThat(stream.isNotReady()).isFalse();
    assertThat(stream.blockedNanos()).isEqualTo(SECONDS.toNanos(2));
  }

  @Test
  void theEndOfTheStreamEndsBlockedTime() {
    send(stream, 1);
    stream.ready(false);
    streams.pass(2, SECONDS);
    stream.end(14, "unavailable");
    streams.pass(2, SECONDS);
    stream.ready(false);
    streams.pass(2, SECONDS);

    assertThat(stream.isNotReady()).isFalse();
    assertThat(stream.blockedNanos()).isEqualTo(SECONDS.toNanos(2));
  }

  /** isReady takes a lock inside gRPC. */
  @Test
  void oneSendInSixteenAsksForReadiness() {
    for (int message = 1; message <= 64; message++) {
      assertThat(stream.onSend()).as("message %d", message).isEqualTo(message % 16 == 0);
    }
  }

  @Test
  void aStreamThatIsAlwaysReadyReadsNoClock() {
    int before = streams.clockReads();
    for (int i = 0; i < 100; i++) {
      stream.onSend();
      stream.ready(true);
      stream.onRequest(1);
    }

    assertThat(streams.clockReads()).isEqualTo(before);
  }

  // ---- clocks --------------------------------------------------------------------------------

  /** A monotonic clock has an arbitrary origin, so 0 and the ends of a long are readings too. */
  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 500_000_000})
  void blockedTimeIsTrueWhateverTheClockReads(long origin) {
    TestStreams odd = new TestStreams(Timing.OFF, origin);
    StreamRecorder each = odd.open(CallSide.CLIENT, TestStreams.BIDI);
    send(each, 1);
    each.ready(false);
    assertThat(each.isNotReady()).isTrue();
    odd.pass(2, SECONDS);
    assertThat(each.blockedNanos()).isBetween(SECONDS.toNanos(2) - 1, SECONDS.toNanos(2));
    each.ready(true);

    assertThat(each.isNotReady()).isFalse();
    assertThat(each.blockedNanos()).isBetween(SECONDS.toNanos(2) - 1, SECONDS.toNanos(2));
  }

  @Test
  void aClockThatGoesBackMakesNoNegativeTime() {
    send(stream, 1);
    stream.ready(false);
    streams.pass(-5, SECONDS);
    assertThat(stream.blockedNanos()).isZero();
    stream.ready(true);

    assertThat(stream.blockedNanos()).isZero();
  }

  // ---- drained -------------------------------------------------------------------------------

  @Test
  void aDrainMovesWhatIsNewAndNothingTwice() {
    Drained drained = new Drained();
    stream.totals(drained);
    send(stream, 2);
    deliver(stream, 3);
    stream.onWireOut(100);
    stream.onWireIn(70);
    stream.ready(false);
    send(stream, 1);
    streams.pass(3, MILLISECONDS);
    stream.settle();
    assertThat(drained.sums).containsExactly(3, 3, 100, 70, MILLISECONDS.toNanos(3), 1);
    stream.settle();
    assertThat(drained.sums).containsExactly(3, 3, 100, 70, MILLISECONDS.toNanos(3), 1);

    streams.pass(4, MILLISECONDS);
    stream.ready(true);
    stream.end(0, null);
    assertThat(drained.sums).containsExactly(3, 3, 100, 70, MILLISECONDS.toNanos(7), 1);
    deliver(stream, 1); // the application's thread was still behind
    stream.settle();
    assertThat(drained.sums).containsExactly(3, 4, 100, 70, MILLISECONDS.toNanos(7), 1);
  }

  @Test
  void aClockThatGoesBackDrainsNothingTwice() {
    Drained drained = new Drained();
    stream.totals(drained);
    send(stream, 1);
    stream.ready(false);
    streams.pass(9, NANOSECONDS);
    stream.settle();
    streams.pass(-9, NANOSECONDS);
    stream.settle();
    streams.pass(10, NANOSECONDS);
    stream.settle();

    assertThat(drained.sums[Drained.BLOCKED]).isEqualTo(10);
  }

  @Test
  void messagesOfAnotherLaneAreNotInTheStreamsOwnTotals() {
    Drained drained = new Drained();
    stream.totals(drained);
    send(stream, 2);
    stream.countInOtherLane(false);
    // Told before it is counted: a drain in between takes nothing back.
    stream.settle();
    assertThat(drained.sums[Drained.SENT]).isEqualTo(1);
    send(stream, 1);
    deliver(stream, 2);
    stream.countInOtherLane(true);
    deliver(stream, 1);
    stream.settle();

    assertThat(drained.sums[Drained.SENT]).isEqualTo(2);
    assertThat(drained.sums[Drained.RECEIVED]).isEqualTo(2);
    assertThat(stream.sent()).isEqualTo(3);
    assertThat(stream.received()).isEqualTo(3);
  }

  @Test
  void totalsOnceDrainedNeverFall() {
    Drained drained = new Drained();
    stream.totals(drained);
    send(stream, 1);
    stream.settle();
    stream.countInOtherLane(false);
    stream.settle();
    assertThat(drained.sums[Drained.SENT]).isEqualTo(1);
    send(stream, 1);
    stream.settle();

    assertThat(drained.sums[Drained.SENT]).isEqualTo(1);
  }

  @Test
  void aStreamWhoseSeriesWasRefusedDrainsNowhere() {
    send(stream, 1);
    stream.settle();
    stream.end(0, null);
    stream.settle();

    assertThat(streams.guard.faults()).isEmpty();
  }

  /** Sums what it is given; every part must be at least zero. */
  private static final class Drained implements StreamTotals {
    private static final int SENT = 0;
    private static final int RECEIVED = 1;
    private static final int OUT = 2;
    private static final int IN = 3;
    private static final int BLOCKED = 4;
    private static final int IGNORED = 5;

    private final long[] sums = new long[6];

    private void add(int sum, long more) {
      assertThat(more).isNotNegative();
      sums[sum] += more;
    }

    @Override
    public void messages(long sent, long received) {
      add(SENT, sent);
      add(RECEIVED, received);
    }

    @Override
    public void wireBytes(long out, long in) {
      add(OUT, out);
      add(IN, in);
    }

    @Override
    public void blocked(long nanos, long ignored) {
      add(BLOCKED, nanos);
      add(IGNORED, ignored);
    }
  }
}
