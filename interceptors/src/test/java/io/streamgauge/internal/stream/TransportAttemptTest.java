package io.streamgauge.internal.stream;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Timing;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;

/**
 * A client call over the attempts gRPC makes for it: one, retries one by one, or hedges at once.
 */
@UnitTest
class TransportAttemptTest {

  private static final int UNAVAILABLE = 14;

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final StreamRecorder client = streams.open(CallSide.CLIENT, TestStreams.BIDI);

  private static void frame(TransportAttempt attempt, int messages) {
    for (int i = 0; i < messages; i++) {
      attempt.onFramed();
    }
  }

  private static void arrive(TransportAttempt attempt, int messages) {
    for (int i = 0; i < messages; i++) {
      attempt.onArrived();
    }
  }

  // ---- messages ------------------------------------------------------------------------------

  @Test
  void aRetryThatIsStillBehindMakesNoMessageWaitAgain() {
    send(client, 5);
    TransportAttempt first = client.openAttempt();
    frame(first, 5);
    client.closeAttempt(first, UNAVAILABLE);
    assertThat(client.connectDepth()).isZero();
    TransportAttempt retry = client.openAttempt();
    frame(retry, 2);
    assertThat(client.connectDepth()).isZero();
    frame(retry, 3);
    send(client, 2);

    assertThat(client.connectDepth()).isEqualTo(2);
    frame(retry, 2);
    assertThat(client.connectDepth()).isZero();
  }

  @Test
  void theFurthestOfAllAttemptsDecidesHoweverManyThereWere() {
    send(client, 10);
    int[] framed = {3, 7, 1, 6};
    for (int messages : framed) {
      TransportAttempt attempt = client.openAttempt();
      frame(attempt, messages);
      client.closeAttempt(attempt, UNAVAILABLE);
    }
    assertThat(client.connectDepth()).isEqualTo(3);
    TransportAttempt last = client.openAttempt();
    frame(last, 8);

    assertThat(client.connectDepth()).isEqualTo(2);
  }

  @Test
  void whatAnAttemptReadsWaitsForTheApplication() {
    TransportAttempt attempt = client.openAttempt();
    arrive(attempt, 3);
    assertThat(client.executorDepth()).isEqualTo(3);
    deliver(client, 1);
    assertThat(client.executorDepth()).isEqualTo(2);
    // The transport is done; the application's thread is still behind.
    client.closeAttempt(attempt, 0);
    assertThat(client.executorDepth()).isEqualTo(2);
    deliver(client, 2);

    assertThat(client.executorDepth()).isZero();
  }

  @Test
  void whatALostHedgeHasReadDoesNotWait() {
    TransportAttempt winner = client.openAttempt();
    TransportAttempt loser = client.openAttempt();
    arrive(loser, 9);
    arrive(winner, 2);
    client.closeAttempt(loser, 1);
    assertThat(client.executorDepth()).isEqualTo(2);
    deliver(client, 2);

    assertThat(client.executorDepth()).isZero();
  }

  @Test
  void attemptsMayCloseInAnyOrder() {
    TransportAttempt[] hedges = new TransportAttempt[4];
    send(client, 20);
    for (int i = 0; i < hedges.length; i++) {
      hedges[i] = client.openAttempt();
      frame(hedges[i], 10 + i);
      hedges[i].onWireOut(100);
    }
    for (int i : new int[] {2, 0, 3}) {
      client.closeAttempt(hedges[i], 1);
      assertThat(client.isOffTheWire()).isFalse();
    }
    client.closeAttempt(hedges[1], 0);

    assertThat(client.isOffTheWire()).isTrue();
    assertThat(client.lastCode()).isZero();
    assertThat(client.connectDepth()).isEqualTo(7);
    assertThat(client.wireOut()).isEqualTo(400);
  }

  @Test
  void offTheWireMeansThatThereWasAnAttemptAndNoneIsLeft() {
    assertThat(client.isOffTheWire()).as("never on it").isFalse();
    TransportAttempt first = client.openAttempt();
    assertThat(client.isOffTheWire()).isFalse();
    client.closeAttempt(first, UNAVAILABLE);
    assertThat(client.isOffTheWire()).isTrue();
    assertThat(client.lastCode()).isEqualTo(UNAVAILABLE);
    TransportAttempt retry = client.openAttempt();
    assertThat(client.isOffTheWire()).as("retried").isFalse();
    client.closeAttempt(retry, 0);

    assertThat(client.isOffTheWire()).isTrue();
    assertThat(client.lastCode()).isZero();
  }

  @Test
  void anAttemptThatClosesTwiceCountsOnce() {
    TransportAttempt first = client.openAttempt();
    first.onWireOut(10);
    client.closeAttempt(first, 0);
    client.closeAttempt(first, UNAVAILABLE);
    TransportAttempt second = client.openAttempt();
    second.onWireOut(5);
    client.closeAttempt(second, 0);
    client.closeAttempt(second, UNAVAILABLE);

    assertThat(client.wireOut()).isEqualTo(15);
    assertThat(client.lastCode()).as("the first close of the last attempt").isZero();
    assertThat(client.isOffTheWire()).isTrue();
  }

  // ---- bytes on the wire ---------------------------------------------------------------------

  @Test
  void wireBytesAreThoseOfAllAttempts() {
    for (int attempt = 1; attempt <= 4; attempt++) {
      TransportAttempt each = client.openAttempt();
      each.onWireOut(100);
      each.onWireIn(10);
      assertThat(client.wireOut()).isEqualTo(100L * attempt);
      client.closeAttempt(each, UNAVAILABLE);
      assertThat(client.wireOut()).isEqualTo(100L * attempt);
      assertThat(client.wireIn()).isEqualTo(10L * attempt);
    }
  }

  /**
   * A thread of the application's may still be framing while the transport resets the stream. What
   * it tells is counted for the first attempt, as most calls have one; of later ones, what they had
   * reached when they closed.
   */
  @Test
  void whatTheFirstAttemptTellsAfterItsEndStillCounts() {
    send(client, 10);
    TransportAttempt first = client.openAttempt();
    client.closeAttempt(first, UNAVAILABLE);
    TransportAttempt second = client.openAttempt();
    second.onWireOut(7);
    client.closeAttempt(second, UNAVAILABLE);
    frame(first, 4);
    first.onWireOut(100);
    first.onWireIn(10);

    assertThat(client.connectDepth()).isEqualTo(6);
    assertThat(client.wireOut()).isEqualTo(107);
    assertThat(client.wireIn()).isEqualTo(10);
  }

  // ---- bytes inside gRPC ---------------------------------------------------------------------

  @Test
  void bytesInsideGrpcAreUnknownUntilTheyAreTold() {
    TransportAttempt attempt = client.openAttempt();
    assertThat(client.tellsBytes()).isFalse();
    assertThat(client.transportBytes()).isEqualTo(StreamSnapshot.UNKNOWN);
    assertThat(client.deframerBytes()).isEqualTo(StreamSnapshot.UNKNOWN);
    assertThat(client.retryBytes()).isEqualTo(StreamSnapshot.UNKNOWN);

    TransportBytes cell = client.openBytes(attempt);
    assertThat(client.tellsBytes()).isTrue();
    assertThat(client.transportKnown()).as("a cell alone measures nothing").isFalse();
    assertThat(client.deframerKnown()).isFalse();
    cell.bindTransport();
    assertThat(client.transportBytes()).isZero();
    assertThat(client.transportKnown()).isTrue();
    cell.unread(0);
    assertThat(client.deframerBytes()).isZero();
    assertThat(client.deframerKnown()).isTrue();
  }

  @Test
  void framedBytesWaitUntilTheyAreWritten() {
    TransportBytes cell = client.openBytes(client.openAttempt());
    cell.bindTransport();
    cell.onFramed(1_000);
    cell.onFramed(24);
    assertThat(client.transportBytes()).isEqualTo(1_024);
    cell.onWritten(1_000);
    assertThat(client.transportBytes()).isEqualTo(24);
    cell.onWritten(100); // headers may be written that were not seen framed

    assertThat(client.transportBytes()).isZero();
  }

  @Test
  void unreadBytesAreALevelNotASum() {
    TransportBytes cell = client.openBytes(client.openAttempt());
    cell.unread(500);
    cell.unread(300);
    assertThat(client.deframerBytes()).isEqualTo(300);
    cell.unread(0);

    assertThat(client.deframerBytes()).isZero();
  }

  @Test
  void openAttemptsAddUpAndThoseThatWereNotToldAreLeftOut() {
    TransportAttempt told = client.openAttempt();
    TransportAttempt other = client.openAttempt();
    client.openAttempt();
    TransportBytes first = client.openBytes(told);
    first.bindTransport();
    first.onFramed(10);
    TransportBytes second = client.openBytes(other);
    second.bindTransport();
    second.onFramed(5);
    second.unread(7);

    assertThat(client.transportBytes()).isEqualTo(15);
    assertThat(client.deframerBytes()).isEqualTo(7);
  }

  @Test
  void whatWaitedInAClosedAttemptWaitsNoMore() {
    for (int i = 0; i < 3; i++) {
      TransportAttempt attempt = client.openAttempt();
      TransportBytes cell = client.openBytes(attempt);
      cell.bindTransport();
      cell.onFramed(1_000);
      cell.unread(50);
      assertThat(client.transportBytes()).isEqualTo(1_000);
      client.closeAttempt(attempt, UNAVAILABLE);

      assertThat(client.transportBytes()).isEqualTo(StreamSnapshot.UNKNOWN);
      assertThat(client.transportKnown()).as("was measured").isTrue();
      assertThat(client.deframerKnown()).isTrue();
    }
  }

  @Test
  void whatOnlyALaterAttemptToldIsKnownAfterItsEnd() {
    client.closeAttempt(client.openAttempt(), UNAVAILABLE);
    TransportAttempt retry = client.openAttempt();
    client.openBytes(retry).bindTransport();
    client.closeAttempt(retry, UNAVAILABLE);
    client.closeAttempt(client.openAttempt(), UNAVAILABLE);

    assertThat(client.transportKnown()).isTrue();
    assertThat(client.deframerKnown()).isFalse();
  }

  @Test
  void aTransportStreamHasOneCell() {
    TransportAttempt first = client.openAttempt();
    TransportAttempt second = client.openAttempt();
    StreamRecorder server = streams.open(CallSide.SERVER, TestStreams.BIDI);

    assertThat(client.openBytes(first))
        .isSameAs(client.openBytes(first))
        .isNotSameAs(client.openBytes(second));
    assertThat(server.openBytes(null)).isSameAs(server.openBytes(null));
    server.openBytes(null).bindTransport();
    server.openBytes(null).onFramed(3);
    assertThat(server.transportBytes()).isEqualTo(3);
  }

  // ---- bytes kept for a retry ----------------------------------------------------------------

  @Test
  void bytesForARetryAreWhatTheFurthestAttemptHasFramed() {
    client.onReplayBegun();
    assertThat(client.replayKnown()).isTrue();
    assertThat(client.retryBytes()).isZero();
    for (int bytes : new int[] {300, 500, 100}) {
      TransportAttempt attempt = client.openAttempt();
      attempt.onWireOut(bytes);
      client.closeAttempt(attempt, UNAVAILABLE);
    }
    assertThat(client.retryBytes()).isEqualTo(500);
    TransportAttempt last = client.openAttempt();
    last.onWireOut(700);
    assertThat(client.retryBytes()).isEqualTo(700);
    client.onReplayOver();

    assertThat(client.retryBytes()).as("the copy is gone").isZero();
    assertThat(client.replayKnown()).isTrue();
  }
}
