package io.streamgauge.internal.stream;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Timing;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long messages wait and are held: which ones are timed, and when a time is left out. */
@UnitTest
class MessageTimerTest {

  /** Where the messages of {@link #open} arrive. */
  private TransportAttempt attempt;

  /** A side that acts on each message at once, and of a type whose first message is not told. */
  private StreamRecorder open(TestStreams streams) {
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.UNARY);
    attempt = stream.openAttempt();
    streams.heard.clear();
    return stream;
  }

  private void arrive(int messages) {
    for (int i = 0; i < messages; i++) {
      attempt.onArrived();
    }
  }

  private void pass(StreamRecorder stream, int messages) {
    for (int i = 0; i < messages; i++) {
      attempt.onArrived();
      stream.onDeliver();
      stream.onHandled();
    }
  }

  @Test
  void everySixteenthMessageIsTimed() {
    TestStreams streams = new TestStreams(Timing.SAMPLED);
    StreamRecorder stream = open(streams);
    for (int message = 1; message <= 48; message++) {
      attempt.onArrived();
      streams.pass(250, MILLISECONDS);
      stream.onDeliver();
      streams.pass(40, MILLISECONDS);
      stream.onHandled();
      streams.pass(1, SECONDS);
      assertThat(streams.heard).as("message %d", message).hasSize(2 * (message / 16));
    }

    assertThat(streams.heard)
        .containsExactly("queued 250", "held 40", "queued 250", "held 40", "queued 250", "held 40");
  }

  @Test
  void everyMessageIsTimedWhereThatWasAskedFor() {
    TestStreams streams = new TestStreams(Timing.ALL);
    StreamRecorder stream = open(streams);
    for (int message = 1; message <= 3; message++) {
      attempt.onArrived();
      streams.pass(message, MILLISECONDS);
      stream.onDeliver();
      streams.pass(10, MILLISECONDS);
      stream.onHandled();
    }

    assertThat(streams.heard)
        .containsExactly("queued 1", "held 10", "queued 2", "held 10", "queued 3", "held 10");
  }

  /** The stubs keep the one message of such a call, and run the handler in the half-close. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theHandlerOfASingleMessageRunsInTheHalfClose(boolean unary) {
    TestStreams streams = new TestStreams(Timing.ALL);
    StreamRecorder stream =
        streams.open(CallSide.SERVER, unary ? TestStreams.UNARY : TestStreams.SERVER_STREAM);
    streams.heard.clear();
    stream.onArrived();
    streams.pass(5, MILLISECONDS);
    stream.onDeliver();
    streams.pass(1, MILLISECONDS);
    stream.onHandled();
    streams.pass(1_000, MILLISECONDS);
    stream.onHalfClose();
    streams.pass(40, MILLISECONDS);
    stream.onHandled();

    assertThat(streams.heard)
        .filteredOn(line -> !line.startsWith("first"))
        .containsExactly("queued 5", "held 41");
  }

  @Test
  void offTimesNothingAndReadsNoClock() {
    TestStreams streams = new TestStreams(Timing.OFF);
    StreamRecorder stream = open(streams);
    int before = streams.clockReads();
    pass(stream, 1_000);

    assertThat(streams.heard).isEmpty();
    assertThat(streams.clockReads()).isEqualTo(before);
  }

  @Test
  void betweenTimedMessagesNoClockIsRead() {
    TestStreams streams = new TestStreams(Timing.SAMPLED);
    StreamRecorder stream = open(streams);
    int before = streams.clockReads();
    pass(stream, 15);
    assertThat(streams.clockReads()).isEqualTo(before);
    pass(stream, 1);

    assertThat(streams.clockReads()).as("arrived, entered, left").isEqualTo(before + 3);
  }

  /** The queue is measured for each message, though many wait at a time. */
  @Test
  void messagesThatWaitTogetherHaveATimeEach() {
    TestStreams streams = new TestStreams(Timing.ALL);
    StreamRecorder stream = open(streams);
    for (int i = 0; i < 3; i++) {
      attempt.onArrived();
      streams.pass(100, MILLISECONDS);
    }
    for (int i = 0; i < 3; i++) {
      stream.onDeliver();
      stream.onHandled();
    }

    assertThat(streams.heard)
        .containsExactly("queued 300", "held 0", "queued 200", "held 0", "queued 100", "held 0");
  }

  /** The arrival times of 4 timed messages are kept, or of 128 where every message is timed. */
  @ParameterizedTest
  @EnumSource(
      value = Timing.class,
      names = {"SAMPLED", "ALL"})
  void aMessageTooFarBehindHasNoQueueTimeRatherThanAWrongOne(Timing timing) {
    int every = timing == Timing.ALL ? 1 : 16;
    int kept = timing == Timing.ALL ? 128 : 4;
    for (int behind = 0; behind <= 3 * kept; behind++) {
      TestStreams streams = new TestStreams(timing);
      StreamRecorder stream = open(streams);
      pass(stream, every - 1);
      streams.heard.clear();
      attempt.onArrived(); // the one that is looked at
      for (int later = 0; later < behind; later++) {
        streams.pass(1, SECONDS); // so that a wrong slot would give another time
        arrive(every);
      }
      stream.onDeliver();
      stream.onHandled();

      String queued = "queued " + SECONDS.toMillis(behind);
      if (behind < kept - 1) {
        assertThat(streams.heard).as("%d behind", behind).containsExactly(queued, "held 0");
      } else if (behind < kept) { // the next arrival may be overwriting it this very moment
        assertThat(streams.heard).as("%d behind", behind).containsAnyOf(queued, "held 0");
      } else {
        assertThat(streams.heard).as("%d behind", behind).containsExactly("held 0");
      }
    }
  }

  @Test
  void withoutATracerOnlyTheHandlerIsTimed() {
    TestStreams streams = new TestStreams(Timing.ALL);
    StreamRecorder stream = streams.openUntraced(CallSide.CLIENT, TestStreams.UNARY);
    streams.heard.clear();
    stream.onDeliver();
    streams.pass(7, MILLISECONDS);
    stream.onHandled();

    assertThat(streams.heard).containsExactly("held 7");
  }

  /** In process the message may be delivered before the tracer is told of it. */
  @Test
  void aMessageThatWasNotSeenToArriveHasNoQueueTime() {
    TestStreams streams = new TestStreams(Timing.ALL);
    StreamRecorder stream = open(streams);
    stream.onDeliver();
    stream.onHandled();
    attempt.onArrived();

    assertThat(streams.heard).containsExactly("held 0");
  }

  @Test
  void aCallbackWithoutAMessageIsNotTimed() {
    TestStreams streams = new TestStreams(Timing.SAMPLED);
    StreamRecorder stream = open(streams);
    pass(stream, 16);
    streams.heard.clear();
    stream.onHalfClose();
    streams.pass(3, SECONDS);
    stream.onHandled();
    stream.onHandled();

    assertThat(streams.heard).isEmpty();
  }

  @Test
  void aClientsMessagesAreTimedOnTheAttemptThatReadsThem() {
    TestStreams streams = new TestStreams(Timing.ALL);
    StreamRecorder client = streams.open(CallSide.CLIENT, TestStreams.UNARY);
    streams.heard.clear();
    client.closeAttempt(client.openAttempt(), 14);
    TransportAttempt retry = client.openAttempt();
    retry.onArrived();
    streams.pass(5, MILLISECONDS);
    client.closeAttempt(retry, 0);
    client.onDeliver();
    client.onHandled();

    assertThat(streams.heard).containsExactly("queued 5", "held 0");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -2_000_000, Long.MAX_VALUE - 1_000_000, Long.MIN_VALUE})
  void timesAreTrueWhereverTheClockBegins(long origin) {
    TestStreams streams = new TestStreams(Timing.ALL, origin);
    StreamRecorder stream = open(streams);
    attempt.onArrived();
    streams.pass(2, MILLISECONDS);
    stream.onDeliver();
    streams.pass(3, MILLISECONDS);
    stream.onHandled();

    assertThat(streams.heard).containsExactly("queued 2", "held 3");
  }

  // ---- the first message ---------------------------------------------------------------------

  @Test
  void theFirstMessageOfAStreamIsTimedFromTheStartOnce() {
    TestStreams streams = new TestStreams(Timing.OFF);
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.SERVER_STREAM);
    assertThat(stream.firstMessageNanos()).isEqualTo(StreamSnapshot.UNKNOWN);
    streams.pass(1_500, MILLISECONDS);
    stream.onDeliver();
    streams.pass(1, SECONDS);
    stream.onDeliver();

    assertThat(streams.heard).containsExactly("started", "first 1500");
    assertThat(stream.firstMessageNanos()).isEqualTo(MILLISECONDS.toNanos(1_500));
  }

  @Test
  void aUnaryCallHasNoFirstMessage() {
    TestStreams streams = new TestStreams(Timing.OFF);
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.UNARY);
    stream.onDeliver();

    assertThat(streams.heard).containsExactly("started");
    assertThat(stream.firstMessageNanos()).isEqualTo(StreamSnapshot.UNKNOWN);
  }
}
