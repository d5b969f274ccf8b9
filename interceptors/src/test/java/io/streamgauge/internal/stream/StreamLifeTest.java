package io.streamgauge.internal.stream;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a stream is told, and tells, from its birth to its end; see also StreamRecorderTest. */
@UnitTest
class StreamLifeTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final StreamRecorder stream = new StreamRecorder(CallSide.SERVER, streams.env);

  // ---- start and end -------------------------------------------------------------------------

  @Test
  void aNewStreamHasNoMethodAndIsNotListed() {
    assertThat(stream.isNew()).isTrue();
    assertThat(stream.isEnded()).isFalse();
    assertThat(stream.id()).isZero();
    assertThat(stream.method()).isSameAs(WatchedMethod.OTHER);
    assertThat(stream.lane()).isEqualTo("baseline");
    assertThat(streams.live.size()).isZero();
    assertThat(streams.heard).isEmpty();
  }

  @Test
  void onlyTheFirstClaimHolds() {
    assertThat(stream.claim(TestStreams.BIDI)).isTrue();
    assertThat(stream.claim(TestStreams.UNARY)).isFalse();
    assertThat(stream.isNew()).isFalse();
    stream.start(null);

    assertThat(stream.claim(TestStreams.UNARY)).isFalse();
    assertThat(stream.method()).isSameAs(TestStreams.BIDI);
    assertThat(streams.heard).containsExactly("started");
  }

  @Test
  void aStreamThatEndsBeforeItIsClaimedIsCountedUnderTheMethodItWasHinted() {
    stream.hint(TestStreams.UNARY);
    stream.end(12, "unimplemented");

    assertThat(stream.method()).isSameAs(TestStreams.UNARY);
    assertThat(stream.isEnded()).isTrue();
    assertThat(streams.heard).containsExactly("started", "ended 12");
    assertThat(streams.live.size()).isZero();
  }

  @Test
  void aHintIsNothingToAStreamThatWasClaimed() {
    stream.hint(TestStreams.UNARY);
    stream.claim(TestStreams.BIDI);
    stream.hint(TestStreams.UNARY);
    stream.start(null);

    assertThat(stream.method()).isSameAs(TestStreams.BIDI);
  }

  @Test
  void anEndThatWaitsForTheStartKeepsItsCode() {
    stream.claim(TestStreams.BIDI);
    stream.end(4, "late");
    stream.end(0, null);
    assertThat(stream.isEnded()).isFalse();
    stream.start(null);

    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.code()).isEqualTo(4);
    assertThat(stream.description()).isEqualTo("late");
    assertThat(streams.heard).containsExactly("started", "ended 4");
  }

  @Test
  void theDescriptionMayBeMissing() {
    stream.end(0, null);

    assertThat(stream.description()).isNull();
  }

  @Test
  void aStreamIsAsOldAsItsRecorder() {
    long born = stream.startNanos();
    streams.pass(3, SECONDS);
    stream.claim(TestStreams.BIDI);
    stream.start(null);

    assertThat(stream.startNanos()).isEqualTo(born);
    assertThat(stream.now() - stream.startNanos()).isEqualTo(SECONDS.toNanos(3));
    assertThat(streams.live.snapshots().get(0).ageNanos()).isEqualTo(SECONDS.toNanos(3));
  }

  @Test
  void aStreamBelongsToTheGaugeItWasMadeFor() {
    assertThat(stream.belongsTo(streams.env)).isTrue();
    assertThat(stream.belongsTo(new TestStreams(Timing.OFF).env)).isFalse();
  }

  // ---- tags ----------------------------------------------------------------------------------

  /** The lane of a call is resolved before its start, and listeners that count by lane need it. */
  @Test
  void whatBecameOfATagBeforeTheStartIsToldAfterItInOrder() {
    stream.claim(TestStreams.BIDI);
    stream.laneEvent(LaneEvent.REJECTED, "charset");
    stream.laneEvent(LaneEvent.LOST, "wire_header_missing");
    stream.laneEvent(LaneEvent.RESOLVED, "rule");
    assertThat(streams.heard).isEmpty();
    stream.start(null);
    stream.laneEvent(LaneEvent.ROUTED, "match");

    assertThat(streams.heard)
        .containsExactly(
            "started",
            "tagged REJECTED charset",
            "tagged LOST wire_header_missing",
            "tagged RESOLVED rule",
            "tagged ROUTED match");
  }

  // ---- queues of the application's -----------------------------------------------------------

  @Test
  void theDepthOfTheApplicationsQueuesIsTheirSum() {
    stream.claim(TestStreams.BIDI);
    stream.start(null);
    assertThat(stream.applicationDepth()).as("none registered").isEqualTo(StreamSnapshot.UNKNOWN);
    AtomicInteger first = new AtomicInteger(3);
    stream.addQueue(new ApplicationQueue("first", first::get));
    stream.addQueue(new ApplicationQueue("second", () -> 4));
    assertThat(stream.applicationDepth()).as("not asked yet").isEqualTo(StreamSnapshot.UNKNOWN);
    stream.askQueues();
    assertThat(stream.applicationDepth()).isEqualTo(7);
    first.set(0);
    assertThat(stream.applicationDepth()).as("what it said last").isEqualTo(7);
    stream.askQueues();

    assertThat(stream.applicationDepth()).isEqualTo(4);
  }

  @Test
  void aQueueThatThrowsOrIsNegativeIsEmptyAndTheOthersStillCount() {
    stream.addQueue(new ApplicationQueue("negative", () -> -5));
    stream.addQueue(new ApplicationQueue("good", () -> 4));
    stream.addQueue(
        new ApplicationQueue(
            "broken",
            () -> {
              throw new IllegalStateException("the application's own");
            }));
    stream.askQueues();

    assertThat(stream.applicationDepth()).isEqualTo(4);
    assertThat(streams.guard.faults("buffer")).isEqualTo(1);
  }

  @Test
  void eightQueuesMayBeOpenAtATimeAndMoreAreRefused() {
    List<ApplicationQueue> buffers = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      ApplicationQueue buffer = new ApplicationQueue("queue " + i, () -> 1);
      buffers.add(buffer);
      stream.addQueue(buffer);
    }
    stream.askQueues();
    assertThat(stream.applicationDepth()).isEqualTo(8);
    assertThat(buffers.get(8).isClosed()).isTrue();
    assertThat(streams.heard).containsExactly("refused buffer");

    buffers.get(3).close();
    assertThat(stream.applicationDepth()).isEqualTo(7);
    stream.addQueue(new ApplicationQueue("another", () -> 1));
    stream.askQueues();
    assertThat(stream.applicationDepth()).as("the place of the closed one").isEqualTo(8);
    assertThat(streams.heard).hasSize(1);
  }

  @Test
  void queuesCloseWithTheirStreamAndComeNoMoreAfterIt() {
    ApplicationQueue open = new ApplicationQueue("open", () -> 1);
    stream.addQueue(open);
    stream.end(0, null);
    ApplicationQueue late = new ApplicationQueue("late", () -> 1);
    stream.addQueue(late);

    assertThat(open.isClosed()).isTrue();
    assertThat(late.isClosed()).isTrue();
    assertThat(stream.applicationDepth()).isZero();
    assertThat(streams.heard).containsExactly("started", "ended 0", "refused buffer");
  }

  @Test
  void aCopyOfAQueueIsClosedOnItsOwn() {
    ApplicationQueue described = new ApplicationQueue("queue", () -> 2);
    ApplicationQueue copy = described.copy();
    copy.close();

    assertThat(copy.name()).isEqualTo("queue");
    described.ask(new Guard());
    copy.ask(new Guard());
    assertThat(copy.depth()).isZero();
    assertThat(described.depth()).isEqualTo(2);
  }

  // ---- what upper packages keep on a stream --------------------------------------------------

  @Test
  void aStreamThatKeepsNothingSaysSo() {
    assertThat(stream.contextSlot()).isNull();
    assertThat(stream.traceSlot()).isNull();
    assertThat(stream.tagSlot()).isNull();
    assertThat(stream.headerRoom()).isZero();
    assertThat(stream.traceId()).isNull();
    assertThat(stream.spanId()).isNull();
    assertThat(stream.sampled()).isFalse();
    assertThat(stream.totals()).isNull();
  }

  @Test
  void aStreamShowsTheIdsThatTracingKeeps() {
    TestTrace.of(stream, "trace", "id", true);

    assertThat(stream.traceId()).isEqualTo("trace");
    assertThat(stream.spanId()).isEqualTo("id");
    assertThat(stream.sampled()).isTrue();
  }
}
