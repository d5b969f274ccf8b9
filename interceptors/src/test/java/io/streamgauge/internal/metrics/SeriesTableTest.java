package io.streamgauge.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamListeners;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.List;
import org.junit.jupiter.api.Test;

@UnitTest
class SeriesTableTest {

  private static final WatchedMethod METHOD = method("Method");

  private long now = 1_000_000_000L;
  private final Guard guard = new Guard();
  private final LaneNames lanes = new LaneNames();
  private final LiveStreams live = new LiveStreams(() -> now, lanes::lane);
  private final SeriesTable table = new SeriesTable(guard, () -> now, live, lanes);
  private final StreamEnvironment env =
      new StreamEnvironment(
          guard, () -> now, new StreamListeners(guard, List.of(live, table)), Timing.SAMPLED);

  private static WatchedMethod method(String name) {
    WatchedMethod method = new WatchedMethod(CallType.BIDI_STREAM, "pkg.Service", name);
    method.register();
    return method;
  }

  private StreamRecorder open(WatchedMethod method) {
    return open(method, null);
  }

  private StreamRecorder open(WatchedMethod method, String tag) {
    StreamRecorder stream = new StreamRecorder(CallSide.SERVER, env);
    stream.claim(method);
    stream.lane(tag);
    stream.start(null);
    return stream;
  }

  private double sum(MetricCatalog metric) {
    return points(metric).stream().mapToDouble(MetricPoint::value).sum();
  }

  private List<MetricPoint> points(MetricCatalog metric) {
    return table.snapshot().families().stream()
        .filter(family -> family.metric() == metric)
        .findFirst()
        .orElseThrow()
        .points();
  }

  @Test
  void messagesOfLiveAndEndedStreamsAddUpAndNeverFall() {
    StreamRecorder first = open(METHOD);
    StreamRecorder second = open(METHOD);
    double last = 0;
    for (int i = 0; i < 1_000; i++) {
      first.onDeliver();
      second.onDeliver();
      if (i == 500) {
        first.end(0, null);
      }
      double sum = sum(MetricCatalog.SERVER_MSG_RECEIVED);
      assertThat(sum).isGreaterThanOrEqualTo(last);
      last = sum;
    }
    first.settle();

    assertThat(sum(MetricCatalog.SERVER_MSG_RECEIVED)).isEqualTo(2_000);
    assertThat(sum(MetricCatalog.STREAM_ACTIVE)).isEqualTo(1);
  }

  @Test
  void theLifeOfACallFallsIntoItsBucket() {
    StreamRecorder stream = open(METHOD);
    now += 7_200_000_000_000L; // two hours
    stream.end(0, null);

    MetricPoint life = points(MetricCatalog.SERVER_HANDLING).get(0);
    double[] bounds = MetricCatalog.SERVER_HANDLING.buckets();
    assertThat(life.value()).isEqualTo(7_200);
    for (int i = 0; i < bounds.length; i++) {
      assertThat(life.cumulative(i)).as("le %s", bounds[i]).isEqualTo(bounds[i] >= 7_200 ? 1 : 0);
    }
  }

  @Test
  void seriesStopAtTheCeilingAndTheRestIsCounted() {
    for (int i = 0; i < SeriesCeiling.MAX_SERIES + 100; i++) {
      open(method("Method" + i)).end(0, null);
    }

    assertThat(points(MetricCatalog.SERVER_STARTED)).hasSize(SeriesCeiling.MAX_SERIES);
    assertThat(points(MetricCatalog.SERVER_HANDLED)).hasSize(SeriesCeiling.MAX_SERIES);
    for (MetricFamily family : table.snapshot().families()) {
      assertThat(family.points()).hasSizeLessThanOrEqualTo(SeriesCeiling.MAX_SERIES);
    }
    // 100 whole series; of the others, 3 stages and 3 causes each beyond 633, 2 directions beyond
    // 950.
    assertThat(sum(MetricCatalog.SERIES_DROPPED)).isEqualTo(100 + 2 * 1_267 * 3 + 950 * 2);
    assertThat(live.size()).isZero();
  }

  /** A proxy passes on what its callers make up; what the process serves comes late. */
  @Test
  void unregisteredNamesLeaveRoomForThoseThatTheProcessHas() {
    lanes.allow(List.of("a", "b", "c"));
    for (int i = 0; i < 600; i++) {
      for (String tag : List.of("", "a", "b", "c")) {
        WatchedMethod invented =
            new WatchedMethod(CallType.BIDI_STREAM, "pkg.Invented", "Method" + i);
        open(invented, tag).end(i % CodeLabels.COUNT, null);
      }
    }
    for (int i = 0; i < 500; i++) {
      open(method("Method" + i)).end(0, null);
    }

    assertThat(started("pkg.Service")).isEqualTo(500);
    assertThat(started("pkg.Invented")).isEqualTo(100);
    assertThat(started("_OTHER")).as("one a lane").isEqualTo(4);
    assertThat(sum(MetricCatalog.SERVER_STARTED)).isEqualTo(600 * 4 + 500);
    assertThat(sum(MetricCatalog.SERVER_HANDLED)).isEqualTo(600 * 4 + 500);
  }

  /** A name that was only heard of, and is then seen to be the process's own. */
  @Test
  void aNameThatIsRegisteredLaterGetsItsSeries() {
    for (int i = 0; i < 100; i++) {
      open(new WatchedMethod(CallType.BIDI_STREAM, "pkg.Invented", "Method" + i)).end(0, null);
    }
    WatchedMethod late = new WatchedMethod(CallType.BIDI_STREAM, "pkg.Service", "Late");
    open(late).end(0, null);
    assertThat(started("pkg.Service")).isZero();
    late.register();
    open(late).end(0, null);

    assertThat(started("pkg.Service")).isEqualTo(1);
    assertThat(sum(MetricCatalog.SERVER_STARTED)).isEqualTo(102);
  }

  private long started(String service) {
    return points(MetricCatalog.SERVER_STARTED).stream()
        .filter(point -> point.labelValues().get(1).equals(service))
        .count();
  }

  @Test
  void fiftyMethodsWithSeventeenCodesInTwelveLanesStayUnderTheCeiling() {
    lanes.allow(List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"));
    List<String> tags = List.of("", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "unheard-of");
    for (int i = 0; i < 50; i++) {
      WatchedMethod method = method("Method" + i);
      for (int code = 0; code < CodeLabels.COUNT; code++) {
        for (String tag : tags) {
          open(method, tag).end(code, null);
        }
      }
    }

    for (MetricFamily family : table.snapshot().families()) {
      assertThat(family.points()).hasSizeLessThanOrEqualTo(SeriesCeiling.MAX_SERIES);
    }
    assertThat(points(MetricCatalog.SERVER_STARTED)).hasSize(50 * 12);
    assertThat(sum(MetricCatalog.SERVER_STARTED)).isEqualTo(50 * 17 * 12);
    assertThat(sum(MetricCatalog.SERIES_DROPPED)).isGreaterThanOrEqualTo(50 * 17 * 12 - 1_900);
  }

  @Test
  void aHundredThousandTagsAreAtMostTwelveLanes() {
    lanes.allow(List.of("tag1", "tag2"));
    for (int i = 0; i < 100_000; i++) {
      open(METHOD, "tag" + i).end(0, null);
    }

    assertThat(points(MetricCatalog.SERVER_STARTED))
        .extracting(point -> point.labelValues().get(3))
        .containsExactlyInAnyOrder("tag1", "tag2", "other");
    assertThat(sum(MetricCatalog.SERVER_STARTED)).isEqualTo(100_000);
    assertThatThrownBy(
            () -> lanes.allow(List.of("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void codesOfTheSpecificationAndBeyondHaveANameEach() {
    for (int code = 0; code < CodeLabels.COUNT; code++) {
      open(METHOD).end(code, null);
    }
    open(METHOD).end(99, null);

    assertThat(points(MetricCatalog.SERVER_HANDLED)).hasSize(17);
    assertThat(points(MetricCatalog.SERVER_HANDLED))
        .filteredOn(point -> point.labelValues().contains("Unknown"))
        .singleElement()
        .extracting(MetricPoint::value)
        .isEqualTo(2.0);
  }

  @Test
  void faultsShowBySite() {
    guard.swallow("some.hook", new IllegalStateException());

    assertThat(points(MetricCatalog.FAULTS))
        .singleElement()
        .satisfies(point -> assertThat(point.labelValues()).containsExactly("some.hook"));
  }
}
