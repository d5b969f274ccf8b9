package io.streamgauge.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The numbers of one side, method and lane: what is published, and what is left out. */
@UnitTest
class SeriesTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final SeriesCeiling ceiling = new SeriesCeiling();
  private final Series server = series(CallSide.SERVER);
  private final Series client = series(CallSide.CLIENT);

  private Series series(CallSide side) {
    return new Series(new SeriesLabels(side, TestStreams.BIDI, "canary"), ceiling);
  }

  /** What the series publishes of a metric, as {@code extra labels value}. */
  private static List<String> published(Series series, MetricCatalog metric) {
    SnapshotBuilder families = new SnapshotBuilder();
    series.write(families);
    List<String> points = new ArrayList<>();
    for (MetricFamily family : families.build().families()) {
      for (MetricPoint point : family.points()) {
        if (family.metric() == metric) {
          assertThat(point.labelValues()).hasSameSizeAs(metric.labels());
          assertThat(point.labelValues().subList(0, 4))
              .containsExactly("bidi_stream", "pkg.Service", "bidi_stream", "canary");
          List<String> words =
              new ArrayList<>(point.labelValues().subList(4, metric.labels().size()));
          words.add(String.valueOf(point.value()));
          points.add(String.join(" ", words));
        }
      }
    }
    return points;
  }

  private StreamRecorder ended(CallSide side, int code) {
    StreamRecorder stream = streams.open(side, TestStreams.BIDI);
    stream.end(code, null);
    return stream;
  }

  private static void start(Series series, StreamRecorder stream) {
    series.started(stream, series.kindOf(stream));
  }

  @Test
  void eachSideHasItsOwnCounters() {
    start(client, streams.open(CallSide.CLIENT, TestStreams.BIDI));
    client.messages(3, 4);
    client.messages(1, 0);

    assertThat(published(client, MetricCatalog.CLIENT_STARTED)).containsExactly("1.0");
    assertThat(published(client, MetricCatalog.CLIENT_MSG_SENT)).containsExactly("4.0");
    assertThat(published(client, MetricCatalog.CLIENT_MSG_RECEIVED)).containsExactly("4.0");
    assertThat(published(client, MetricCatalog.SERVER_STARTED)).isEmpty();
    assertThat(published(client, MetricCatalog.SERVER_MSG_SENT)).isEmpty();
    assertThat(published(server, MetricCatalog.SERVER_MSG_SENT)).containsExactly("0.0");
  }

  @Test
  void endsAreCountedByCodeAndACodeThatNeverCameHasNoSeries() {
    assertThat(published(server, MetricCatalog.SERVER_HANDLED)).isEmpty();
    server.handled(ended(CallSide.SERVER, 0), 1, 0);
    server.handled(ended(CallSide.SERVER, 0), 1, 0);
    server.handled(ended(CallSide.SERVER, 14), 2, 0);
    server.handled(ended(CallSide.SERVER, 99), 3, 0);

    assertThat(published(server, MetricCatalog.SERVER_HANDLED))
        .containsExactly("OK 2.0", "Unknown 1.0", "Unavailable 1.0");
    assertThat(published(server, MetricCatalog.SERVER_HANDLING)).containsExactly("7.0");
    assertThat(published(client, MetricCatalog.CLIENT_HANDLING)).isEmpty();
  }

  @Test
  void bytesOnTheWireArePublishedOnceThereWereAny() {
    assertThat(published(server, MetricCatalog.STREAM_WIRE_BYTES)).isEmpty();
    server.wireBytes(10, 0);

    assertThat(published(server, MetricCatalog.STREAM_WIRE_BYTES))
        .containsExactly("server out 10.0", "server in 0.0");
  }

  @Test
  void blockedTimeIsInSeconds() {
    server.blocked(TimeUnit.MILLISECONDS.toNanos(1_500), 3);

    assertThat(published(server, MetricCatalog.STREAM_BLOCKED)).containsExactly("server 1.5");
    assertThat(published(server, MetricCatalog.STREAM_SENT_WHILE_NOT_READY))
        .containsExactly("server 3.0");
  }

  @Test
  void stallsStartAtZeroForEachCause() {
    server.stalled(StallCause.NO_DEMAND, null);

    assertThat(published(server, MetricCatalog.STREAM_STALLS))
        .containsExactly(
            "server handler_busy 0.0", "server peer_not_reading 0.0", "server no_demand 1.0");
    assertThat(published(client, MetricCatalog.STREAM_STALLS)).hasSize(StallCause.COUNT);
  }

  @Test
  void timedValuesGoToTheirOwnHistogram() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    server.timed(MetricCatalog.STREAM_QUEUE, 1, stream);
    server.timed(MetricCatalog.STREAM_HANDLER, 2, stream);
    server.timed(MetricCatalog.STREAM_FIRST_MESSAGE, 3, stream);

    assertThat(published(server, MetricCatalog.STREAM_QUEUE)).containsExactly("server 1.0");
    assertThat(published(server, MetricCatalog.STREAM_HANDLER)).containsExactly("server 2.0");
    assertThat(published(server, MetricCatalog.STREAM_FIRST_MESSAGE)).containsExactly("server 3.0");
    client.timed(MetricCatalog.STREAM_LIMIT_WAIT, 4, stream);
    assertThat(published(client, MetricCatalog.STREAM_LIMIT_WAIT)).containsExactly("client 4.0");
    assertThat(published(server, MetricCatalog.STREAM_LIMIT_WAIT)).isEmpty();
  }

  @Test
  void whatBecameOfTagsIsCountedByKindAndDetail() {
    server.tags.count(LaneEvent.RESOLVED, "header");
    server.tags.count(LaneEvent.RESOLVED, "header");
    server.tags.count(LaneEvent.RESOLVED, "alias");
    server.tags.count(LaneEvent.REJECTED, "charset");
    server.tags.count(LaneEvent.LOST, "in_process");
    server.tags.count(LaneEvent.ROUTED, "match");

    assertThat(published(server, MetricCatalog.GRAY_RESOLVED))
        .containsExactly("alias 1.0", "header 2.0");
    assertThat(published(server, MetricCatalog.GRAY_REJECTED)).containsExactly("charset 1.0");
    assertThat(published(server, MetricCatalog.GRAY_LOST)).containsExactly("in_process 1.0");
    assertThat(published(server, MetricCatalog.GRAY_ATTEMPTS)).containsExactly("match 1.0");
  }

  // ---- gauges --------------------------------------------------------------------------------

  private void look(Series series, StreamRecorder... open) {
    series.gauges.clear();
    for (StreamRecorder stream : open) {
      series.gauges.read(stream, stream.now());
    }
  }

  @Test
  void gaugesAreSumsOverOpenStreamsAndAgesAreTheLargest() {
    StreamRecorder first = streams.open(CallSide.SERVER, TestStreams.BIDI);
    first.onRequest(5);
    first.onArrived();
    first.onSend();
    first.ready(false);
    streams.pass(4, TimeUnit.SECONDS);
    StreamRecorder second = streams.open(CallSide.SERVER, TestStreams.BIDI);
    second.onRequest(2);
    second.onArrived();
    second.onArrived();
    second.onDeliver();
    start(server, first);
    start(server, second);
    look(server, first, second);

    assertThat(published(server, MetricCatalog.STREAM_ACTIVE)).containsExactly("server 2.0");
    assertThat(published(server, MetricCatalog.STREAM_DEMAND)).containsExactly("server 6.0");
    assertThat(published(server, MetricCatalog.STREAM_NOT_READY)).containsExactly("server 1.0");
    assertThat(published(server, MetricCatalog.STREAM_OLDEST_AGE)).containsExactly("server 4.0");
    assertThat(published(server, MetricCatalog.STREAM_OLDEST_IDLE)).containsExactly("server 4.0");
    assertThat(published(server, MetricCatalog.STREAM_BUFFER_DEPTH))
        .containsExactly("server in executor 2.0", "server in handler 1.0");
    look(server, second);
    assertThat(published(server, MetricCatalog.STREAM_ACTIVE)).containsExactly("server 1.0");
    look(server);

    assertThat(published(server, MetricCatalog.STREAM_ACTIVE)).containsExactly("server 0.0");
    assertThat(published(server, MetricCatalog.STREAM_OLDEST_AGE)).containsExactly("server 0.0");
    assertThat(published(server, MetricCatalog.STREAM_BUFFER_DEPTH))
        .as("once measured, at 0 when nothing is open")
        .containsExactly("server in executor 0.0", "server in handler 0.0");
  }

  @Test
  void aDepthThatWasNeverMeasuredIsAbsent() {
    assertThat(published(client, MetricCatalog.STREAM_BUFFER_DEPTH))
        .containsExactly("client in handler 0.0");
    StreamRecorder traced = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    start(client, traced);
    assertThat(published(client, MetricCatalog.STREAM_BUFFER_DEPTH))
        .containsExactly(
            "client out connect 0.0",
            "client out stream_limit 0.0",
            "client in executor 0.0",
            "client in handler 0.0");
    traced.addQueue(new ApplicationQueue("queue", () -> 3));
    TestStreams.askQueues(traced);
    look(client, traced);

    assertThat(published(client, MetricCatalog.STREAM_BUFFER_DEPTH))
        .contains("client in application 3.0");
  }

  @Test
  void bytesInsideGrpcAreAbsentUntilTheyWereToldAndThenStay() {
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    look(client, stream);
    assertThat(published(client, MetricCatalog.STREAM_BUFFER_BYTES)).isEmpty();
    stream.onReplayBegun();
    look(client, stream);
    assertThat(published(client, MetricCatalog.STREAM_BUFFER_BYTES))
        .containsExactly("client out retry 0.0");
    stream.openBytes(stream.openAttempt()).bindTransport();
    look(client, stream);
    look(client);

    assertThat(published(client, MetricCatalog.STREAM_BUFFER_BYTES))
        .containsExactly("client out transport 0.0", "client out retry 0.0");
  }

  /** A stream may come and go between two scrapes. */
  @Test
  void bytesToldByAStreamThatHasEndedAreKnownToo() {
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    stream.openBytes(stream.openAttempt()).unread(0);
    stream.end(0, null);
    client.handled(stream, 1, 0);

    assertThat(published(client, MetricCatalog.STREAM_BUFFER_BYTES))
        .containsExactly("client in deframer 0.0");
  }

  // ---- the ceiling ---------------------------------------------------------------------------

  @Test
  void aSeriesThatIsGivenBackLeavesItsPlaces() {
    int active = ceiling.used(MetricCatalog.STREAM_ACTIVE);
    int depths = ceiling.used(MetricCatalog.STREAM_BUFFER_DEPTH);
    int stalled = ceiling.used(MetricCatalog.STREAM_STALLED);
    int wire = ceiling.used(MetricCatalog.STREAM_WIRE_BYTES);
    Series lost = series(CallSide.SERVER);
    assertThat(ceiling.used(MetricCatalog.STREAM_STALLED)).isGreaterThan(stalled);
    lost.release();

    assertThat(ceiling.used(MetricCatalog.STREAM_ACTIVE)).isEqualTo(active);
    assertThat(ceiling.used(MetricCatalog.STREAM_BUFFER_DEPTH)).isEqualTo(depths);
    assertThat(ceiling.used(MetricCatalog.STREAM_STALLED)).isEqualTo(stalled);
    assertThat(ceiling.used(MetricCatalog.STREAM_WIRE_BYTES)).isEqualTo(wire);
    assertThat(ceiling.dropped()).isZero();
  }

  @Test
  void aSeriesThatFindsNoPlaceKeepsTheCountersOfItsSide() {
    ceiling.admit(
        MetricCatalog.STREAM_ACTIVE,
        SeriesCeiling.MAX_SERIES - ceiling.used(MetricCatalog.STREAM_ACTIVE));
    Series late = series(CallSide.SERVER);
    start(late, streams.open(CallSide.SERVER, TestStreams.BIDI));

    assertThat(published(late, MetricCatalog.SERVER_STARTED)).containsExactly("1.0");
    assertThat(published(late, MetricCatalog.STREAM_ACTIVE)).isEmpty();
    assertThat(published(late, MetricCatalog.STREAM_BUFFER_DEPTH)).isEmpty();
    assertThat(published(late, MetricCatalog.STREAM_STALLS)).isEmpty();
    assertThat(late.publishesCauses()).isFalse();
    assertThat(late.publishes(MetricCatalog.STREAM_QUEUE)).isFalse();
    assertThat(late.refused()).isFalse();
    assertThat(ceiling.dropped()).isEqualTo(1);
  }

  @Test
  void aCodeThatFindsNoPlaceIsDroppedOnceAndNotCounted() {
    ceiling.admit(MetricCatalog.SERVER_HANDLED, SeriesCeiling.MAX_SERIES);
    assertThat(server.handled(ended(CallSide.SERVER, 0), 1, 0)).isFalse();
    assertThat(server.handled(ended(CallSide.SERVER, 0), 1, 0)).isFalse();

    assertThat(published(server, MetricCatalog.SERVER_HANDLED)).isEmpty();
    assertThat(published(server, MetricCatalog.SERVER_HANDLING)).containsExactly("2.0");
    assertThat(ceiling.dropped()).isEqualTo(1);
  }

  @Test
  void aDetailThatFindsNoPlaceIsDroppedOnce() {
    ceiling.admit(MetricCatalog.GRAY_LOST, SeriesCeiling.MAX_SERIES);
    server.tags.count(LaneEvent.LOST, "in_process");
    server.tags.count(LaneEvent.LOST, "in_process");
    server.tags.count(LaneEvent.RESOLVED, "header");

    assertThat(published(server, MetricCatalog.GRAY_LOST)).isEmpty();
    assertThat(published(server, MetricCatalog.GRAY_RESOLVED)).containsExactly("header 1.0");
    assertThat(ceiling.dropped()).isEqualTo(1);
  }

  @Test
  void theCeilingIsPerMetricAndAllOrNothing() {
    SeriesCeiling each = new SeriesCeiling();
    assertThat(each.admit(MetricCatalog.STREAM_STALLED, SeriesCeiling.MAX_SERIES - 1)).isTrue();
    assertThat(each.admit(MetricCatalog.STREAM_STALLED, 2)).isFalse();
    assertThat(each.used(MetricCatalog.STREAM_STALLED)).isEqualTo(SeriesCeiling.MAX_SERIES - 1);
    assertThat(each.dropped()).isEqualTo(2);
    assertThat(each.admit(MetricCatalog.STREAM_STALLED, 1)).isTrue();
    assertThat(each.admit(MetricCatalog.STREAM_ACTIVE, 1)).isTrue();
    each.release(MetricCatalog.STREAM_STALLED, 10);

    assertThat(each.admit(MetricCatalog.STREAM_STALLED, 10)).isTrue();
  }
}
