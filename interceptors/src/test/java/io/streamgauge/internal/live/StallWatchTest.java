package io.streamgauge.internal.live;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.CallHandle;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TransportAttempt;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The looks of the stall watch: when a stream counts as stalled, what is told, when it clears. */
@UnitTest
class StallWatchTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);

  private StreamRecorder open() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    streams.watch.tick(); // sees what has moved until now
    streams.heard.clear();
    return stream;
  }

  /** As the interceptor starts a stream: with something that answers for gRPC. */
  private StreamRecorder open(CallSide side, BooleanSupplier readiness) {
    StreamRecorder stream = new StreamRecorder(side, streams.env);
    stream.traced();
    stream.claim(TestStreams.BIDI);
    stream.start(readiness);
    streams.heard.clear();
    return stream;
  }

  // ---- the threshold -------------------------------------------------------------------------

  @Test
  void aStreamIsStalledOnceItHasStoodStillForTheThreshold() {
    StreamRecorder stream = open();
    streams.seconds(TestStreams.THRESHOLD - 1);
    assertThat(stream.cause()).as("too early").isNull();
    streams.seconds(1);
    assertThat(stream.cause()).isEqualTo(StallCause.NO_DEMAND);
    streams.seconds(100);

    assertThat(streams.heard).as("told once").containsExactly("stalled no_demand");
  }

  @Test
  void aMethodMayHaveAThresholdOfItsOwn() {
    StreamRecorder slow = streams.open(CallSide.CLIENT, TestStreams.SERVER_STREAM);
    streams.watch.tick();
    streams.seconds(3 * TestStreams.THRESHOLD - 1);
    assertThat(slow.cause()).isNull();
    streams.seconds(1);

    assertThat(slow.cause()).isEqualTo(StallCause.NO_DEMAND);
  }

  @Test
  void aLookThatComesALittleEarlyIsNotPutOffToTheNext() {
    StreamRecorder stream = open();
    streams.pass(SECONDS.toMillis(TestStreams.THRESHOLD) - 100, MILLISECONDS);
    streams.watch.tick();

    assertThat(stream.cause()).isEqualTo(StallCause.NO_DEMAND);
  }

  @Test
  void aLookThatComesMuchTooEarlyIs() {
    StreamRecorder stream = open();
    streams.pass(SECONDS.toMillis(TestStreams.THRESHOLD) - 101, MILLISECONDS);
    streams.watch.tick();

    assertThat(stream.cause()).isNull();
  }

  /** What moved is seen by the next look; the time until then is no standstill. */
  @Test
  void theFirstLookAtAStreamBeginsItsTime() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    streams.pass(1, MINUTES);
    streams.watch.tick();
    assertThat(stream.cause()).isNull();
    streams.seconds(TestStreams.THRESHOLD);

    assertThat(stream.cause()).isEqualTo(StallCause.NO_DEMAND);
  }

  // ---- movement ------------------------------------------------------------------------------

  private static Stream<Named<Consumer<StreamRecorder>>> movements() {
    return Stream.of(
        named("sent", StreamRecorder::onSend),
        named("arrived", StreamRecorder::onArrived),
        named("delivered", StreamRecorder::onDeliver),
        named("half-closed", StreamRecorder::onHalfClose),
        named("handled", StreamRecorder::onHandled),
        named("bytes out", stream -> stream.onWireOut(1)),
        named("bytes in", stream -> stream.onWireIn(1)),
        named("bytes written", stream -> stream.openBytes(null).onWritten(1)));
  }

  private static Stream<Named<Consumer<StreamRecorder>>> movementsOfAttempts() {
    return Stream.of(
        named("an attempt's message framed", stream -> stream.openAttempt().onFramed()),
        named("an attempt's message arrived", stream -> stream.openAttempt().onArrived()),
        named("an attempt's bytes out", stream -> stream.openAttempt().onWireOut(1)),
        named("an attempt's bytes in", stream -> stream.openAttempt().onWireIn(1)));
  }

  @ParameterizedTest
  @MethodSource("movements")
  void whateverCountsIsMovement(Consumer<StreamRecorder> movement) {
    isMovement(open(), movement);
  }

  @ParameterizedTest
  @MethodSource("movementsOfAttempts")
  void whatAnAttemptCountsIsMovement(Consumer<StreamRecorder> movement) {
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    streams.watch.tick(); // sees what has moved until now
    isMovement(stream, movement);
  }

  private void isMovement(StreamRecorder stream, Consumer<StreamRecorder> movement) {
    streams.seconds(5);
    movement.accept(stream);
    assertThat(idleSeconds()).isEqualTo(5);
    streams.seconds(1);

    assertThat(idleSeconds()).isZero();
  }

  /** Being asked, and readiness, say nothing about messages. */
  @Test
  void demandAndReadinessAreNoMovement() {
    StreamRecorder stream = open();
    send(stream, 1);
    streams.seconds(1);
    stream.onRequest(5);
    stream.ready(false);
    stream.ready(true);
    streams.seconds(3);

    assertThat(idleSeconds()).isEqualTo(3);
  }

  @Test
  void theApplicationsOwnQueueMoves() {
    AtomicInteger queued = new AtomicInteger(5);
    StreamRecorder stream = open();
    stream.addQueue(new ApplicationQueue("queue", queued::get));
    streams.seconds(3);
    queued.decrementAndGet();
    streams.seconds(1);

    assertThat(idleSeconds()).isZero();
  }

  /** Whatever the numbers are: what counts and what is queued are not added up. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 31, 32, 62, 1_000})
  void aQueueThatIsEmptiedWhileMessagesAreSentMoves(int messages) {
    for (int taken = 1; taken <= 40; taken++) {
      TestStreams each = new TestStreams(Timing.OFF);
      AtomicInteger queued = new AtomicInteger(100);
      StreamRecorder stream = each.open(CallSide.SERVER, TestStreams.BIDI);
      stream.addQueue(new ApplicationQueue("queue", queued::get));
      each.seconds(1);
      queued.addAndGet(-taken);
      send(stream, messages);
      each.seconds(1);

      assertThat(each.live.snapshots().get(0).idleNanos())
          .as("%d taken, %d sent", taken, messages)
          .isZero();
    }
  }

  private long idleSeconds() {
    return NANOSECONDS.toSeconds(streams.live.snapshots().get(0).idleNanos());
  }

  // ---- clearing ------------------------------------------------------------------------------

  @Test
  void aStreamThatMovesAgainIsClearedWithTheNextLook() {
    StreamRecorder stream = open();
    streams.seconds(TestStreams.THRESHOLD + 5);
    deliver(stream, 1);
    assertThat(stream.cause()).as("not looked at yet").isEqualTo(StallCause.NO_DEMAND);
    assertThat(stream.stalledNanos()).as("finished stalls only").isZero();
    streams.seconds(1);

    assertThat(stream.cause()).isNull();
    assertThat(stream.stalledNanos()).isEqualTo(SECONDS.toNanos(6));
    assertThat(streams.heard)
        .containsExactly("stalled no_demand", "first 15000", "resumed no_demand 6000");
  }

  /** The application asks for more, and the peer is silent: nothing moves, but nothing is wrong. */
  @Test
  void aStreamThatIsMerelyIdleIsClearedToo() {
    StreamRecorder stream = open();
    streams.seconds(TestStreams.THRESHOLD);
    stream.onRequest(1);
    streams.seconds(1);

    assertThat(stream.cause()).isNull();
    assertThat(streams.heard).containsExactly("stalled no_demand", "resumed no_demand 1000");
  }

  @Test
  void aCauseThatChangesIsToldAsTheEndOfOneAndTheStartOfAnother() {
    StreamRecorder stream = open();
    send(stream, 1);
    streams.seconds(1 + TestStreams.THRESHOLD);
    streams.seconds(4);
    stream.ready(false);
    streams.seconds(3);

    assertThat(stream.cause()).isEqualTo(StallCause.PEER_NOT_READING);
    assertThat(streams.heard)
        .containsExactly("stalled no_demand", "resumed no_demand 5000", "stalled peer_not_reading");
    assertThat(stream.stalledNanos()).isEqualTo(SECONDS.toNanos(5));
  }

  @Test
  void stalledTimesAddUp() {
    StreamRecorder stream = open();
    for (int i = 0; i < 3; i++) {
      streams.seconds(TestStreams.THRESHOLD + 2);
      deliver(stream, 1);
      streams.seconds(1);
    }

    assertThat(stream.stalledNanos()).isEqualTo(SECONDS.toNanos(3 * 3));
  }

  @Test
  void theEndOfAStreamIsTheEndOfItsStall() {
    StreamRecorder stream = open();
    streams.seconds(TestStreams.THRESHOLD);
    streams.pass(2_500, MILLISECONDS);
    stream.end(1, null);
    streams.seconds(5);

    assertThat(streams.heard)
        .containsExactly("stalled no_demand", "resumed no_demand 2500", "ended 1");
    assertThat(stream.cause()).isNull();
    assertThat(stream.stalledNanos()).isEqualTo(MILLISECONDS.toNanos(2_500));
  }

  /** The end comes on another thread, between the copy of the list and the look at the stream. */
  @Test
  void aStreamThatEndsDuringTheLookIsNotStalledAfterwards() {
    StreamRecorder[] stream = new StreamRecorder[1];
    AtomicBoolean end = new AtomicBoolean();
    stream[0] =
        open(
            CallSide.SERVER,
            () -> {
              if (end.get()) {
                stream[0].end(1, null);
              }
              return true;
            });
    send(stream[0], 1);
    stream[0].onArrived(); // waits for ever: a cause that outlives the stream
    streams.seconds(TestStreams.THRESHOLD);
    end.set(true);
    streams.seconds(1);

    assertThat(stream[0].cause()).isNull();
    assertThat(streams.heard).containsExactly("ended 1");
  }

  // ---- readiness -----------------------------------------------------------------------------

  @Test
  void aLookAsksForReadinessWhereWritesArePending() {
    AtomicInteger asked = new AtomicInteger();
    StreamRecorder stream =
        open(
            CallSide.SERVER,
            () -> {
              asked.incrementAndGet();
              return false;
            });
    streams.watch.tick();
    assertThat(asked).as("before the first message").hasValue(0);
    send(stream, 1);
    streams.watch.tick();
    assertThat(asked).hasValue(1);
    assertThat(stream.isNotReady()).isTrue();
    stream.onOutboundClosed();
    streams.watch.tick();

    assertThat(asked).as("after the last message").hasValue(1);
    assertThat(stream.isNotReady()).isFalse();
  }

  @Test
  void oneStreamThatFailsToAnswerKeepsNoOtherFromBeingLookedAt() {
    for (int i = 0; i < 20; i++) {
      StreamRecorder broken =
          open(
              CallSide.SERVER,
              () -> {
                throw new IllegalStateException("gRPC's own");
              });
      send(broken, 1);
      open(CallSide.SERVER, () -> true);
    }
    streams.seconds(1 + TestStreams.THRESHOLD);

    assertThat(streams.live.snapshots())
        .filteredOn(view -> view.cause() == StallCause.NO_DEMAND)
        .hasSize(20);
    assertThat(streams.guard.faults("stall.watch")).isEqualTo(20L * (1 + TestStreams.THRESHOLD));
  }

  // ---- abandoned calls -----------------------------------------------------------------------

  /** Stands for a call that the application may have dropped. */
  private static final class Owner implements CallHandle {
    private boolean gone;

    @Override
    public boolean getAsBoolean() {
      return true;
    }

    @Override
    public boolean isGone() {
      return gone;
    }
  }

  @Test
  void aCallThatIsGoneAndOffTheWireEndsWithTheCodeOfItsLastAttempt() {
    Owner owner = new Owner();
    StreamRecorder stream = open(CallSide.CLIENT, owner);
    TransportAttempt attempt = stream.openAttempt();
    owner.gone = true;
    streams.seconds(2);
    assertThat(stream.isEnded()).as("an attempt is still open").isFalse();
    stream.closeAttempt(attempt, 8);
    streams.seconds(1);

    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.code()).isEqualTo(8);
    assertThat(stream.description()).isEqualTo("abandoned");
    assertThat(streams.live.size()).isZero();
  }

  /** A servlet container may forget a call without a word to its tracers. */
  @Test
  void aServerStreamThatGrpcHasForgottenLeaves() {
    Owner owner = new Owner();
    StreamRecorder stream = open(CallSide.SERVER, owner);
    stream.onArrived();
    streams.seconds(2);
    assertThat(stream.isEnded()).isFalse();
    owner.gone = true;
    streams.seconds(1);

    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.code()).as("cancelled").isEqualTo(1);
    assertThat(streams.live.size()).isZero();
  }

  @Test
  void aCallThatNeverHadAnAttemptLeavesWhenItIsGone() {
    Owner owner = new Owner();
    StreamRecorder stream = open(CallSide.CLIENT, owner);
    streams.seconds(2);
    assertThat(stream.isEnded()).isFalse();
    owner.gone = true;
    streams.seconds(1);

    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.code()).isEqualTo(1);
    assertThat(streams.live.size()).isZero();
  }

  @Test
  void aCancelledCallEndsWithinTwoLooksAtTheTimeOfItsTransport() {
    StreamRecorder stream = open(CallSide.CLIENT, new Owner());
    TransportAttempt attempt = stream.openAttempt();
    stream.onCancelled();
    streams.seconds(3);
    assertThat(stream.isEnded()).as("its attempt is open").isFalse();
    stream.closeAttempt(attempt, 1);
    long closed = stream.now();
    streams.seconds(2);

    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.endNanos(stream.now())).isEqualTo(closed);
  }

  @Test
  void aCancelledCallWhoseHandlerIsBusyIsStillOpen() {
    StreamRecorder stream = open(CallSide.CLIENT, new Owner());
    stream.onDeliver();
    stream.onCancelled();
    stream.closeAttempt(stream.openAttempt(), 1);
    streams.seconds(5);
    assertThat(stream.isEnded()).isFalse();
    stream.onHandled();
    streams.seconds(2);

    assertThat(stream.isEnded()).isTrue();
  }

  @Test
  void aCallThatIsHeldIsGivenUpAfterTenMinutesOffTheWire() {
    StreamRecorder stream = open(CallSide.CLIENT, new Owner());
    stream.closeAttempt(stream.openAttempt(), 14);
    streams.watch.tick();
    streams.seconds(600);
    assertThat(stream.isEnded()).as("a retry may be meant").isFalse();
    streams.seconds(1);

    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.code()).isEqualTo(14);
  }

  @Test
  void aCallWhoseHandlerIsBusyIsNotGivenUp() {
    StreamRecorder stream = open(CallSide.CLIENT, new Owner());
    stream.onDeliver();
    stream.closeAttempt(stream.openAttempt(), 0);
    streams.seconds(1_000);
    assertThat(stream.isEnded()).isFalse();
    stream.onHandled();
    streams.seconds(602);

    assertThat(stream.isEnded()).isTrue();
  }

  /** What the application hears after its call was given up changes nothing. */
  @Test
  void theRealEndAfterTheCallWasGivenUpIsIgnored() {
    Owner owner = new Owner();
    StreamRecorder stream = open(CallSide.CLIENT, owner);
    stream.closeAttempt(stream.openAttempt(), 8);
    owner.gone = true;
    streams.seconds(1);
    stream.end(0, null);

    assertThat(streams.heard).containsExactly("ended 8");
    assertThat(stream.code()).isEqualTo(8);
  }
}
