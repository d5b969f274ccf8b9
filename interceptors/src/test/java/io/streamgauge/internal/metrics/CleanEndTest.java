package io.streamgauge.internal.metrics;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.internal.live.LiveLook;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.live.PageWriter;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TestTrace;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A unary call that ends well is one event. Its numbers are those of any other call, and those of a
 * call that a scrape, a page or the watch reads in between.
 */
@UnitTest
class CleanEndTest {

  private final TestTable streams = new TestTable();
  private final SeriesTable table = streams.table();
  private final LiveStreams live = streams.live();

  private StreamRecorder open() {
    StreamRecorder stream = new StreamRecorder(CallSide.SERVER, streams.env(), TestStreams.UNARY);
    stream.traced();
    stream.claim(TestStreams.UNARY);
    stream.start(null);
    return stream;
  }

  /** One message each way, 70 bytes in and 30 out. */
  private static void exchange(StreamRecorder stream) {
    stream.onWireIn(70);
    stream.onArrived();
    deliver(stream, 1);
    stream.onHalfClose();
    send(stream, 1);
    stream.onWireOut(30);
    stream.onHandled();
  }

  private double sum(MetricCatalog metric) {
    return points(table.snapshot(), metric).stream().mapToDouble(MetricPoint::value).sum();
  }

  private static List<MetricPoint> points(MetricSnapshot snapshot, MetricCatalog metric) {
    return snapshot.families().stream()
        .filter(family -> family.metric() == metric)
        .findFirst()
        .orElseThrow()
        .points();
  }

  private void assertCounts(int started, int handled, int sent, int received) {
    assertThat(sum(MetricCatalog.SERVER_STARTED)).as("started").isEqualTo(started);
    assertThat(sum(MetricCatalog.SERVER_HANDLED)).as("handled").isEqualTo(handled);
    assertThat(sum(MetricCatalog.SERVER_MSG_SENT)).as("sent").isEqualTo(sent);
    assertThat(sum(MetricCatalog.SERVER_MSG_RECEIVED)).as("received").isEqualTo(received);
  }

  @Test
  void everythingFollowsFromTheEnd() {
    StreamRecorder stream = open();
    exchange(stream);
    streams.pass(3);
    stream.end(0, null);
    stream.settle();

    assertThat(stream.isCleanEnd()).isTrue();
    assertThat(stream.id()).as("it never needed one").isZero();
    assertCounts(1, 1, 1, 1);
    assertThat(sum(MetricCatalog.STREAM_WIRE_BYTES)).isEqualTo(100);
    assertThat(sum(MetricCatalog.STREAM_ACTIVE)).isZero();
    MetricPoint life = points(table.snapshot(), MetricCatalog.SERVER_HANDLING).get(0);
    double[] bounds = MetricCatalog.SERVER_HANDLING.buckets();
    assertThat(life.value()).isEqualTo(3);
    for (int i = 0; i < bounds.length; i++) {
      assertThat(life.cumulative(i)).as("le %s", bounds[i]).isEqualTo(bounds[i] >= 3 ? 1 : 0);
    }
  }

  /** Where in its life a scrape finds the call. */
  private enum Seen {
    BEFORE_A_MESSAGE,
    BETWEEN_THE_MESSAGES,
    BEFORE_THE_END
  }

  @ParameterizedTest
  @EnumSource(Seen.class)
  void aCallThatAScrapeFindsOpenIsCountedFromThenOn(Seen seen) {
    StreamRecorder stream = open();
    if (seen == Seen.BEFORE_A_MESSAGE) {
      assertCounts(1, 0, 0, 0);
    }
    deliver(stream, 1);
    if (seen == Seen.BETWEEN_THE_MESSAGES) {
      assertCounts(1, 0, 0, 1);
      assertThat(sum(MetricCatalog.STREAM_ACTIVE)).isEqualTo(1);
    }
    send(stream, 1);
    if (seen == Seen.BEFORE_THE_END) {
      assertCounts(1, 0, 1, 1);
    }
    stream.end(0, null);

    assertThat(stream.isCleanEnd()).isFalse();
    assertCounts(1, 1, 1, 1);
    stream.settle();
    assertCounts(1, 1, 1, 1);
  }

  @Test
  void anErrorIsNoCleanEnd() {
    StreamRecorder stream = open();
    exchange(stream);
    stream.end(5, "not found");

    assertThat(stream.isCleanEnd()).isFalse();
    assertThat(stream.description()).isEqualTo("not found");
    assertCounts(1, 1, 1, 1);
    assertThat(sum(MetricCatalog.STREAM_WIRE_BYTES)).isEqualTo(100);
  }

  @Test
  void norIsAnEndWithoutAnAnswerOrWithTwo() {
    StreamRecorder none = open();
    deliver(none, 1);
    none.end(0, null);
    assertCounts(1, 1, 0, 1);
    StreamRecorder two = open();
    exchange(two);
    send(two, 1);
    two.end(0, null);

    assertThat(none.isCleanEnd()).isFalse();
    assertThat(two.isCleanEnd()).isFalse();
    assertCounts(2, 2, 2, 2);
  }

  /** The application's thread may be behind the transport's, which tells the end. */
  @Test
  void whatComesAfterACleanEndIsAddedOnce() {
    StreamRecorder stream = open();
    exchange(stream);
    stream.end(0, null);
    deliver(stream, 1);
    stream.settle();
    stream.settle();

    assertCounts(1, 1, 1, 2);
    assertThat(sum(MetricCatalog.STREAM_WIRE_BYTES)).isEqualTo(100);
    send(stream, 2);
    stream.settle();
    assertCounts(1, 1, 3, 2);
  }

  @Test
  void aCallThatWasNotReadyHasItsBlockedTime() {
    StreamRecorder stream = open();
    exchange(stream);
    stream.ready(false);
    streams.pass(2);
    stream.end(0, null);

    assertCounts(1, 1, 1, 1);
    assertThat(sum(MetricCatalog.STREAM_BLOCKED)).isEqualTo(2);
  }

  @Test
  void aSecondEndAndASettleInBetweenChangeNothing() {
    StreamRecorder stream = open();
    stream.settle();
    exchange(stream);
    stream.settle();
    stream.end(0, null);
    stream.end(13, "late");

    assertThat(stream.code()).isZero();
    assertCounts(1, 1, 1, 1);
  }

  @Test
  void aSampledCallIsTheExampleOfItsBucket() {
    StreamRecorder stream = new StreamRecorder(CallSide.SERVER, streams.env(), TestStreams.UNARY);
    stream.claim(TestStreams.UNARY);
    TestTrace.of(stream, "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);
    stream.start(null);
    exchange(stream);
    stream.end(0, null);

    assertThat(stream.isCleanEnd()).isTrue();
    assertThat(points(table.snapshot(), MetricCatalog.SERVER_HANDLING).get(0).exemplar(0).spanId())
        .isEqualTo("b7ad6b7169203331");
  }

  /** Counters never fall, no call is handled before it is started, and in the end all are there. */
  @Test
  void scrapesBesideManyCallsSeeNoneTwiceAndLoseNone() throws Exception {
    int threads = 3;
    int calls = 20_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads + 1);
    AtomicBoolean over = new AtomicBoolean();
    try {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        callers.add(
            pool.submit(
                () -> {
                  for (int call = 0; call < calls; call++) {
                    StreamRecorder stream = open();
                    exchange(stream);
                    stream.end(call % 16 == 0 ? 5 : 0, null);
                    stream.settle();
                  }
                }));
      }
      Future<Long> page =
          pool.submit(
              () -> {
                // The last look is after the last call, however late this thread gets a processor.
                long last = 0;
                for (boolean ended = false; !ended; ) {
                  ended = over.get();
                  long streams = streamsOfPage();
                  assertThat(streams).isGreaterThanOrEqualTo(last);
                  last = streams;
                }
                return last;
              });
      double[] before = new double[4];
      do {
        double[] seen = counts(table.snapshot());
        for (int i = 0; i < seen.length; i++) {
          assertThat(seen[i]).isGreaterThanOrEqualTo(before[i]);
        }
        before = seen;
      } while (callers.stream().anyMatch(caller -> !caller.isDone()));
      for (Future<?> caller : callers) {
        Await.get(caller);
      }
      over.set(true);
      assertThat(Await.get(page)).isEqualTo((long) threads * calls);
    } finally {
      over.set(true);
      pool.shutdownNow();
    }
    int all = threads * calls;
    assertCounts(all, all, all, all);
    assertThat(sum(MetricCatalog.STREAM_WIRE_BYTES)).isEqualTo(100d * all);
    assertThat(live.size()).isZero();
    assertThat(streamsOfPage()).isEqualTo(all);
    assertThat(streams.guard().faults()).isEmpty();
  }

  /** Open, and ended, of all lanes. */
  private long streamsOfPage() {
    Map<?, ?> totals = (Map<?, ?>) PageWriter.page(look(), view -> true).get("totals");
    return (Long) totals.get("open") + (Long) totals.get("ended");
  }

  private LiveLook look() {
    LiveLook look = live.look();
    table.addCleanEnds(look);
    return look;
  }

  /** More calls at once than there are slots for short ones, on each side of their bound. */
  @ParameterizedTest
  @ValueSource(ints = {1, 6, 7, 64, 500})
  void callsAreOpenUntilTheyEndHoweverManyThereAre(int count) {
    List<StreamRecorder> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(open());
    }
    assertThat(live.size()).isEqualTo(count);
    Collections.shuffle(calls, new Random(count));
    for (int i = 0; i < count; i++) {
      exchange(calls.get(i));
      calls.get(i).end(i % 3 == 0 ? 5 : 0, null);
      assertThat(live.size()).isEqualTo(count - i - 1);
    }
    assertCounts(count, count, count, count);
    assertThat(streamsOfPage()).isEqualTo(count);
  }

  private static double[] counts(MetricSnapshot snapshot) {
    MetricCatalog[] metrics = {
      MetricCatalog.SERVER_STARTED,
      MetricCatalog.SERVER_HANDLED,
      MetricCatalog.SERVER_MSG_SENT,
      MetricCatalog.SERVER_MSG_RECEIVED
    };
    double[] counts = new double[metrics.length];
    for (int i = 0; i < metrics.length; i++) {
      counts[i] = points(snapshot, metrics[i]).stream().mapToDouble(MetricPoint::value).sum();
    }
    return counts;
  }
}
