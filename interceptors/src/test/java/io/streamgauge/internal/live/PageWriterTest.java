package io.streamgauge.internal.live;

import static io.streamgauge.internal.stream.TestStreams.deliver;
import static io.streamgauge.internal.stream.TestStreams.send;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.streamgauge.CallSide;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Timing;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TestTrace;
import io.streamgauge.internal.stream.TransportAttempt;
import io.streamgauge.internal.stream.TransportBytes;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Open streams as plain data: what a row says, which rows come first, what the sums are. */
@UnitTest
class PageWriterTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);

  private StreamRecorder open(String lane) {
    StreamRecorder stream = new StreamRecorder(CallSide.SERVER, streams.env);
    stream.traced();
    stream.claim(TestStreams.BIDI);
    stream.lane(lane);
    stream.start(null);
    stream.onRequest(1_000);
    return stream;
  }

  private Map<String, Object> page() {
    return PageWriter.page(streams.live.look(), view -> true);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> ids(Map<String, Object> page) {
    return ((List<Map<String, Object>>) page.get("streams"))
        .stream().map(row -> row.get("id")).toList();
  }

  // ---- a row ---------------------------------------------------------------------------------

  @Test
  void aRowSaysWhatTheStreamIs() {
    StreamRecorder stream = open("canary");
    TestTrace.of(stream, "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);
    send(stream, 3);
    stream.onArrived();
    stream.onArrived();
    stream.onDeliver();
    stream.addQueue(new ApplicationQueue("queue", () -> 5));
    stream.askQueues();
    stream.ready(false);
    streams.pass(2, SECONDS);

    Map<String, Object> row = PageWriter.of(streams.live.snapshots().get(0));

    assertThat(row)
        .contains(
            entry("id", stream.id()),
            entry("side", "server"),
            entry("grpc_type", "bidi_stream"),
            entry("grpc_service", "pkg.Service"),
            entry("grpc_method", "bidi_stream"),
            entry("gray_tag", "canary"),
            entry("age_seconds", 2.0),
            entry("idle_seconds", 2.0),
            entry("msg_sent", 3L),
            entry("msg_received", 1L),
            entry("demand", 999L),
            entry("not_ready", true),
            entry("blocked_seconds", 2.0),
            entry("cause", null),
            entry("trace_id", "0af7651916cd43dd8448eb211c80319c"),
            entry("span_id", "b7ad6b7169203331"),
            entry("sampled", true));
    assertThat(map(row.get("depth")))
        .containsExactly(entry("executor", 1L), entry("handler", 1L), entry("application", 5L));
    assertThat(map(row.get("bytes"))).as("they were not told").isEmpty();
  }

  @Test
  void whatCannotBeKnownHasNoKeyAndWhatIsZeroHasOne() {
    StreamRecorder client = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    TransportBytes cell = client.openBytes(client.openAttempt());
    cell.bindTransport();
    cell.unread(0);
    client.onReplayBegun();
    Map<String, Object> traced = PageWriter.of(streams.live.snapshots().get(0));
    client.end(0, null);
    streams.openUntraced(CallSide.CLIENT, TestStreams.BIDI);
    Map<String, Object> untraced = PageWriter.of(streams.live.snapshots().get(0));

    assertThat(map(traced.get("depth")))
        .containsExactly(
            entry("connect", 0L),
            entry("stream_limit", 0L),
            entry("executor", 0L),
            entry("handler", 0L));
    assertThat(map(traced.get("bytes")))
        .containsExactly(entry("transport", 0L), entry("deframer", 0L), entry("retry", 0L));
    assertThat(map(untraced.get("depth"))).containsExactly(entry("handler", 0L));
    assertThat(map(untraced.get("bytes"))).isEmpty();
  }

  /** In-process transports have no bytes, and a stream without a tracer tells none. */
  @Test
  void bytesOnTheWireAreUnknownUntilThereAreSome() {
    StreamRecorder stream = open(null);
    assertThat(streams.live.snapshots().get(0).wireBytesOut()).isEqualTo(StreamSnapshot.UNKNOWN);
    assertThat(streams.live.snapshots().get(0).wireBytesIn()).isEqualTo(StreamSnapshot.UNKNOWN);
    stream.onWireIn(10);

    assertThat(streams.live.snapshots().get(0).wireBytesOut()).isZero();
    assertThat(streams.live.snapshots().get(0).wireBytesIn()).isEqualTo(10);
  }

  /** A page may be read while the streams go on. */
  @Test
  void aViewDoesNotChange() {
    StreamRecorder stream = open(null);
    StreamSnapshot view = streams.live.snapshots().get(0);
    send(stream, 5);
    stream.end(0, null);

    assertThat(view.sent()).isZero();
  }

  // ---- the page ------------------------------------------------------------------------------

  @Test
  void theWorstComesFirst() {
    StreamRecorder healthy = open(null);
    StreamRecorder busy = open(null);
    StreamRecorder notReady = open(null);
    StreamRecorder stalledLater = open(null);
    StreamRecorder stalledFirst = open(null);
    stalledFirst.onDeliver();
    streams.seconds(5);
    stalledLater.onDeliver();
    for (int second = 0; second < TestStreams.THRESHOLD + 1; second++) {
      deliver(healthy, 1);
      busy.onArrived();
      send(notReady, 1);
      notReady.ready(false);
      streams.seconds(1);
    }

    assertThat(ids(page()))
        .containsExactly(
            stalledFirst.id(), stalledLater.id(), notReady.id(), busy.id(), healthy.id());
  }

  @Test
  void aFilterChoosesRowsAndNoSums() {
    StreamRecorder wanted = open("canary");
    open(null);
    open(null);

    Map<String, Object> page =
        PageWriter.page(streams.live.look(), view -> "canary".equals(view.lane()));

    assertThat(ids(page)).containsExactly(wanted.id());
    assertThat(page).contains(entry("open", 3), entry("matching", 1), entry("shown", 1));
    assertThat(map(page.get("totals"))).containsEntry("open", 3L);
  }

  @Test
  void aPageIsBoundedAndSaysHowManyThereAre() {
    for (int i = 0; i < PageWriter.MAX_ROWS + 50; i++) {
      open(null);
    }
    Map<String, Object> page = page();

    assertThat(ids(page)).hasSize(PageWriter.MAX_ROWS);
    assertThat(page)
        .contains(
            entry("open", PageWriter.MAX_ROWS + 50),
            entry("matching", PageWriter.MAX_ROWS + 50),
            entry("shown", PageWriter.MAX_ROWS));
  }

  @Test
  void theSumsAreOverOpenAndEndedStreams() {
    StreamRecorder open = open("canary");
    send(open, 3);
    open.onDeliver();
    StreamRecorder ok = open("canary");
    deliver(ok, 4);
    ok.end(0, null);
    StreamRecorder failed = open("baseline");
    send(failed, 2);
    failed.end(13, null);
    StreamRecorder callersFault = open("baseline");
    callersFault.end(5, null);
    streams.pass(2, SECONDS);

    Map<String, Object> page = page();

    assertThat(map(page.get("totals")))
        .containsExactly(
            entry("open", 1L),
            entry("stalled", 0L),
            entry("not_ready", 0L),
            entry("buffered", 1L),
            entry("buffered_bytes", 0L),
            entry("oldest_idle_seconds", 2.0),
            entry("msg_sent", 5L),
            entry("msg_received", 5L),
            entry("ended", 3L),
            entry("failed", 1L));
    Map<String, Object> lanes = map(page.get("lanes"));
    assertThat(lanes).containsOnlyKeys("baseline", "canary");
    assertThat(map(lanes.get("canary")))
        .contains(entry("open", 1L), entry("ended", 1L), entry("msg_received", 5L));
    assertThat(map(lanes.get("baseline")))
        .contains(entry("open", 0L), entry("ended", 2L), entry("failed", 1L));
  }

  @Test
  void whatWaitsIsAddedUpOverTheStagesThatAreKnown() {
    StreamRecorder client = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    send(client, 2);
    TransportAttempt attempt = client.openAttempt();
    attempt.onArrived();
    TransportBytes cell = client.openBytes(attempt);
    cell.bindTransport();
    cell.onFramed(30);
    cell.unread(7);

    assertThat(map(page().get("totals")))
        .contains(entry("buffered", 3L), entry("buffered_bytes", 37L));
  }

  @Test
  void whereNothingIsOpenThePageIsEmptyAndSaysSo() {
    Map<String, Object> page = page();

    assertThat(ids(page)).isEmpty();
    assertThat(page).contains(entry("open", 0), entry("shown", 0));
    assertThat(map(page.get("lanes"))).isEmpty();
  }
}
