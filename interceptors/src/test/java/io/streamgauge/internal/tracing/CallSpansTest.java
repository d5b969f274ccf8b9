package io.streamgauge.internal.tracing;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.grpc.CallKeys;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.tagging.TestTags;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The span of a call and its checkpoints, from what a stream says; the clock is the test's. */
@UnitTest
class CallSpansTest {

  private static final long INTERVAL = SECONDS.toNanos(30);

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();

  /** Runs with the name of each span that ends. */
  private volatile Consumer<String> ending = name -> {};

  private final SdkTracerProvider sdk =
      SdkTracerProvider.builder()
          .addSpanProcessor(new Ending())
          .addSpanProcessor(SimpleSpanProcessor.create(exporter))
          .build();
  private final CallSpans spans = new CallSpans(sdk.get("test"), null, List.of());
  private final CheckpointSpans checkpoints = new CheckpointSpans(sdk.get("test"), INTERVAL);

  @AfterEach
  void close() {
    sdk.close();
  }

  private StreamRecorder client(String authority) {
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    CallContext.callbacks(stream, Context.root());
    spans.clientHeaders(stream, new Metadata(), CallOptions.DEFAULT, authority);
    return stream;
  }

  private SpanData ended(StreamRecorder stream, int code, String description) {
    stream.end(code, description);
    spans.ended(stream, stream.now());
    return last();
  }

  private SpanData last() {
    return fromEnd(1);
  }

  private SpanData fromEnd(int position) {
    List<SpanData> finished = exporter.getFinishedSpanItems();
    return finished.get(finished.size() - position);
  }

  // ---- the call's span -----------------------------------------------------------------------

  @Test
  void theSpanSaysWhatTheStreamCameTo() {
    StreamRecorder stream = client("orders.example.com:443");
    assertThat(stream.traceId()).hasSize(32);
    assertThat(stream.sampled()).isTrue();
    stream.onSend();
    stream.ready(false);
    streams.pass(1_500, MILLISECONDS);
    stream.onDeliver();
    stream.openAttempt().onWireOut(100);
    TestTags.tag(stream, GrayTag.of("blue"));
    spans.laneEvent(stream, LaneEvent.ROUTED, "match");
    spans.laneEvent(stream, LaneEvent.LOST, "ignored");

    SpanData span = ended(stream, 0, null);

    assertThat(span.getName()).isEqualTo(TestStreams.BIDI.fullName());
    assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(span.getSpanId()).isEqualTo(stream.spanId());
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(span.getAttributes().get(SpanAttributes.SYSTEM)).isEqualTo("grpc");
    assertThat(span.getAttributes().get(SpanAttributes.STATUS)).isEqualTo("OK");
    assertThat(span.getAttributes().get(SpanAttributes.ERROR_TYPE)).isNull();
    assertThat(span.getAttributes().get(SpanAttributes.SENT)).isEqualTo(1);
    assertThat(span.getAttributes().get(SpanAttributes.RECEIVED)).isEqualTo(1);
    assertThat(span.getAttributes().get(SpanAttributes.BYTES_SENT)).isEqualTo(100);
    assertThat(span.getAttributes().get(SpanAttributes.BYTES_RECEIVED)).isZero();
    assertThat(span.getAttributes().get(SpanAttributes.BLOCKED)).isEqualTo(1.5);
    assertThat(span.getAttributes().get(SpanAttributes.STALLED)).isZero();
    assertThat(span.getAttributes().get(SpanAttributes.FIRST_MESSAGE)).isEqualTo(1.5);
    assertThat(span.getAttributes().get(SpanAttributes.STREAM_ID)).isEqualTo(stream.id());
    assertThat(span.getAttributes().get(SpanAttributes.TAG)).isEqualTo("blue");
    assertThat(span.getAttributes().get(SpanAttributes.TAG_SOURCE)).isEqualTo("explicit");
    assertThat(span.getAttributes().get(SpanAttributes.OUTCOME)).isEqualTo("match");
  }

  @Test
  void aFailedCallsSpanIsAnErrorWithItsDescriptionOnOneLine() {
    SpanData span = ended(client(null), 14, "no\nconnection");

    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span.getStatus().getDescription()).isEqualTo("no?connection");
    assertThat(span.getAttributes().get(SpanAttributes.ERROR_TYPE)).isEqualTo("UNAVAILABLE");
    assertThat(span.getAttributes().get(SpanAttributes.ADDRESS)).isNull();
    assertThat(span.getAttributes().get(SpanAttributes.BYTES_SENT))
        .as("no bytes on this transport")
        .isNull();
    assertThat(span.getAttributes().get(SpanAttributes.FIRST_MESSAGE)).as("none came").isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "orders.example.com:443, orders.example.com, 443",
    "orders.example.com, orders.example.com,",
    "[::1]:443, [::1], 443",
    "[::1], [::1],",
    "orders:http, orders:http,",
    ":443, :443,"
  })
  void theAddressIsTheAuthoritysHostAndPort(String authority, String host, Long port) {
    SpanData span = ended(client(authority), 0, null);

    assertThat(span.getAttributes().get(SpanAttributes.ADDRESS)).isEqualTo(host);
    assertThat(span.getAttributes().get(SpanAttributes.PORT)).isEqualTo(port);
  }

  @Test
  void theSpanOfAnotherInstrumentationIsLeftToIt() {
    Span theirs = sdk.get("theirs").spanBuilder("theirs").startSpan();
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    CallContext.callbacks(stream, Context.root());
    CallTrace.made(stream).borrow(theirs);
    spans.clientHeaders(stream, new Metadata(), CallOptions.DEFAULT, null);
    stream.end(13, null);
    spans.ended(stream, stream.now());

    assertThat(stream.spanId()).isEqualTo(theirs.getSpanContext().getSpanId());
    assertThat(exporter.getFinishedSpanItems()).isEmpty();
    theirs.end();
    assertThat(last().getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }

  @Test
  void theStreamsOfASessionAreLinkedEachToTheOneBefore() {
    ClientSession session = new ClientSession();
    StreamRecorder[] both = new StreamRecorder[2];
    for (int i = 0; i < 2; i++) {
      both[i] = streams.open(CallSide.CLIENT, TestStreams.BIDI);
      CallContext.callbacks(both[i], Context.root());
      spans.clientHeaders(
          both[i], new Metadata(), CallOptions.DEFAULT.withOption(CallKeys.SESSION, session), null);
    }
    SpanData first = ended(both[0], 0, null);
    SpanData second = ended(both[1], 0, null);

    assertThat(first.getLinks()).isEmpty();
    assertThat(first.getAttributes().get(SpanAttributes.SESSION_STREAM)).isEqualTo(1);
    assertThat(second.getAttributes().get(SpanAttributes.SESSION_STREAM)).isEqualTo(2);
    assertThat(second.getLinks())
        .singleElement()
        .extracting(link -> link.getSpanContext().getSpanId())
        .isEqualTo(first.getSpanId());
  }

  @Test
  void aStreamWithoutASpanEndsWithoutOne() {
    StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
    spans.ended(stream, stream.now());
    spans.laneEvent(stream, LaneEvent.ROUTED, "match");

    assertThat(exporter.getFinishedSpanItems()).isEmpty();
  }

  // ---- checkpoints ---------------------------------------------------------------------------

  private StreamRecorder watched() {
    StreamRecorder stream = client(null);
    checkpoints.started(stream);
    return stream;
  }

  private void look(StreamRecorder stream, long amount, TimeUnit unit) {
    streams.pass(amount, unit);
    checkpoints.checked(stream, stream.now());
  }

  @Test
  void aStreamIsInItsTraceAtOnce() {
    StreamRecorder stream = watched();

    assertThat(last().getName()).isEqualTo(TestStreams.BIDI.fullName() + " open");
    assertThat(last().getParentSpanId()).isEqualTo(stream.spanId());
    assertThat(last().getTraceId()).isEqualTo(stream.traceId());
  }

  @Test
  void anIntervalWithTrafficIsACheckpointAndOneWithoutIsNone() {
    StreamRecorder stream = watched();
    look(stream, 29, SECONDS);
    stream.onSend();
    look(stream, 0, SECONDS);
    assertThat(exporter.getFinishedSpanItems()).as("too early").hasSize(1);
    look(stream, 1, SECONDS);
    assertThat(exporter.getFinishedSpanItems()).hasSize(2);
    SpanData checkpoint = last();
    look(stream, 30, SECONDS);
    look(stream, 30, SECONDS);
    assertThat(exporter.getFinishedSpanItems()).as("nothing moved").hasSize(2);

    assertThat(checkpoint.getName()).isEqualTo(TestStreams.BIDI.fullName() + " checkpoint");
    assertThat(checkpoint.getEndEpochNanos() - checkpoint.getStartEpochNanos()).isEqualTo(INTERVAL);
    assertThat(checkpoint.getAttributes().get(SpanAttributes.SENT)).isEqualTo(1);
    assertThat(checkpoint.getAttributes().get(SpanAttributes.SENT_RATE)).isEqualTo(1 / 30.0);
    assertThat(checkpoint.getAttributes().get(SpanAttributes.CONNECT)).isEqualTo(1);
    assertThat(checkpoint.getAttributes().get(SpanAttributes.APPLICATION)).as("unknown").isNull();
  }

  @Test
  void aCheckpointCountsFromTheOneBefore() {
    StreamRecorder stream = watched();
    for (int i = 0; i < 5; i++) {
      stream.onSend();
    }
    look(stream, 30, SECONDS);
    stream.onSend();
    stream.onDeliver();
    look(stream, 30, SECONDS);

    assertThat(last().getAttributes().get(SpanAttributes.SENT)).isEqualTo(1);
    assertThat(last().getAttributes().get(SpanAttributes.RECEIVED)).isEqualTo(1);
  }

  @Test
  void aStallIsACheckpointAtOnceWithItsCause() {
    StreamRecorder stream = watched();
    streams.pass(12, SECONDS);
    checkpoints.stalled(stream, StallCause.PEER_NOT_READING);

    assertThat(last().getAttributes().get(SpanAttributes.CAUSE)).isEqualTo("peer_not_reading");
    assertThat(last().getAttributes().get(SpanAttributes.ERROR_TYPE)).isEqualTo("stalled");
    assertThat(last().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(last().getEndEpochNanos() - last().getStartEpochNanos())
        .isEqualTo(SECONDS.toNanos(12));
  }

  /** A trace has at most 128 of them; the viewer would drown in more. */
  @Test
  void aLongLifeGoesOnInATraceOfItsOwnThatIsLinked() {
    StreamRecorder stream = watched();
    for (int i = 1; i < CheckpointSpans.MAX_SPANS; i++) {
      assertThat(last().getAttributes().get(SpanAttributes.NEXT_TRACE)).isNull();
      stream.onSend();
      look(stream, 30, SECONDS);
    }
    SpanData full = last();
    assertThat(full.getTraceId()).isEqualTo(stream.traceId());
    stream.onSend();
    look(stream, 30, SECONDS);
    SpanData first = last();
    SpanData marker = fromEnd(2);
    stream.onSend();
    look(stream, 30, SECONDS);

    assertThat(marker.getName()).isEqualTo(TestStreams.BIDI.fullName() + " continued");
    assertThat(marker.getTraceId())
        .isNotEqualTo(stream.traceId())
        .isEqualTo(full.getAttributes().get(SpanAttributes.NEXT_TRACE));
    assertThat(marker.getLinks())
        .extracting(link -> link.getSpanContext().getSpanId())
        .containsExactly(stream.spanId(), full.getSpanId());
    assertThat(marker.getStartEpochNanos()).isEqualTo(full.getEndEpochNanos());
    for (SpanData span : List.of(first, last())) {
      assertThat(span.getTraceId()).isEqualTo(marker.getTraceId());
      assertThat(span.getParentSpanId()).isEqualTo(marker.getSpanId());
      assertThat(span.getLinks()).isEmpty();
    }
  }

  /** A viewer moves a child that is shorter than its parent and does not lie within it. */
  @Test
  void noViewerThatCorrectsClocksMovesThem() {
    StreamRecorder stream = watched();
    streams.pass(1, MILLISECONDS);
    checkpoints.stalled(stream, StallCause.NO_DEMAND);
    look(stream, 30, SECONDS);
    stream.onSend();
    look(stream, 30, SECONDS);
    checkpoints.stalled(stream, StallCause.NO_DEMAND);
    checkpoints.ended(stream, stream.now());
    spans.ended(stream, stream.now());
    SpanData call = last();
    List<SpanData> all = exporter.getFinishedSpanItems();
    SpanData open = all.get(0);

    assertThat(open.getStartEpochNanos()).isGreaterThanOrEqualTo(call.getStartEpochNanos());
    assertThat(all.subList(1, all.size() - 1))
        .hasSize(4)
        .allSatisfy(
            span -> {
              assertThat(span.getParentSpanId()).isEqualTo(open.getSpanId());
              assertThat(span.getStartEpochNanos())
                  .isGreaterThanOrEqualTo(open.getStartEpochNanos());
              assertThat(span.getEndEpochNanos() - span.getStartEpochNanos())
                  .isGreaterThan(open.getEndEpochNanos() - open.getStartEpochNanos());
            });
  }

  /** A viewer finds a call span at its start, which may be days before its end. */
  @Test
  void theEndOfALongStreamIsASpanOfItsOwn() {
    StreamRecorder stream = watched();
    look(stream, 3_600, SECONDS);
    look(stream, 20, SECONDS);
    stream.onSend();
    streams.pass(5, SECONDS);
    stream.end(Status.Code.UNAVAILABLE.value(), "gone");
    checkpoints.ended(stream, stream.now());

    SpanData close = last();
    assertThat(close.getName()).isEqualTo(TestStreams.BIDI.fullName() + " close");
    assertThat(close.getParentSpanId())
        .isEqualTo(exporter.getFinishedSpanItems().get(0).getSpanId());
    assertThat(close.getAttributes().get(SpanAttributes.STATUS)).isEqualTo("UNAVAILABLE");
    assertThat(close.getAttributes().get(SpanAttributes.ERROR_TYPE)).isEqualTo("UNAVAILABLE");
    assertThat(close.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(close.getStatus().getDescription()).isEqualTo("gone");
    assertThat(close.getAttributes().get(SpanAttributes.SENT)).isEqualTo(1);
    assertThat(close.getEndEpochNanos() - close.getStartEpochNanos())
        .isEqualTo(SECONDS.toNanos(25));
  }

  @Test
  void aLongStreamThatWentWellEndsWithoutError() {
    StreamRecorder stream = watched();
    streams.pass(30, SECONDS);
    stream.end(Status.Code.OK.value(), null);
    checkpoints.ended(stream, stream.now());

    assertThat(last().getName()).isEqualTo(TestStreams.BIDI.fullName() + " close");
    assertThat(last().getAttributes().get(SpanAttributes.STATUS)).isEqualTo("OK");
    assertThat(last().getAttributes().get(SpanAttributes.ERROR_TYPE)).isNull();
    assertThat(last().getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }

  @Test
  void aShortStreamIsItsCallSpanAndTheMarker() {
    StreamRecorder stream = watched();
    streams.pass(29, SECONDS);
    checkpoints.ended(stream, stream.now());

    assertThat(exporter.getFinishedSpanItems()).hasSize(1);
  }

  /** The watch emits a checkpoint while another thread ends the stream: each is there, once. */
  @Test
  void theEndDoesNotWaitForACheckpoint() throws Exception {
    CountDownLatch emitting = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    StreamRecorder stream = watched();
    stream.onSend();
    streams.pass(30, SECONDS);
    ending =
        name -> {
          if (name.endsWith(" checkpoint")) {
            emitting.countDown();
            Await.hold(ended);
          }
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> watch = threads.submit(() -> checkpoints.checked(stream, stream.now()));
      Await.open(emitting);
      Await.get(threads.submit(() -> checkpoints.ended(stream, stream.now())));
      streams.pass(1, SECONDS); // the end was before
      ended.countDown();
      Await.get(watch);
    } finally {
      ended.countDown();
      threads.shutdown();
    }
    checkpoints.stalled(stream, StallCause.NO_DEMAND);

    assertThat(exporter.getFinishedSpanItems())
        .extracting(span -> span.getName().replaceAll(".* ", ""))
        .containsExactly("open", "checkpoint", "close");
    assertThat(last().getEndEpochNanos() - fromEnd(3).getStartEpochNanos())
        .isEqualTo(SECONDS.toNanos(30) + 2_000);
  }

  /** Span processors are the application's: they take their time, and they throw. */
  @Test
  void whatIsCountedWhileASpanEndsIsInTheNextOne() {
    StreamRecorder stream = watched();
    stream.onSend();
    ending =
        name -> {
          stream.onSend();
          throw new IllegalStateException("the application's");
        };
    streams.pass(30, SECONDS);
    assertThatThrownBy(() -> checkpoints.checked(stream, stream.now()))
        .isInstanceOf(IllegalStateException.class);
    ending = name -> {};
    look(stream, 0, SECONDS);
    assertThat(exporter.getFinishedSpanItems()).as("not the same again").hasSize(1);
    look(stream, 30, SECONDS);

    assertThat(last().getAttributes().get(SpanAttributes.SENT)).isEqualTo(1);
    assertThat(last().getEndEpochNanos() - last().getStartEpochNanos()).isEqualTo(INTERVAL);
  }

  @Test
  void unaryCallsAndTracesThatAreNotRecordedHaveNone() {
    StreamRecorder unary = streams.open(CallSide.CLIENT, TestStreams.UNARY);
    CallContext.callbacks(unary, Context.root());
    spans.clientHeaders(unary, new Metadata(), CallOptions.DEFAULT, null);
    checkpoints.started(unary);
    StreamRecorder untraced = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    checkpoints.started(untraced);
    untraced.onSend();
    look(untraced, 60, SECONDS);
    checkpoints.stalled(untraced, StallCause.NO_DEMAND);

    assertThat(exporter.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void afterTheEndThereIsNoCheckpoint() {
    StreamRecorder stream = watched();
    checkpoints.ended(stream, stream.now());
    checkpoints.ended(stream, stream.now());
    stream.onSend();
    look(stream, 60, SECONDS);
    checkpoints.stalled(stream, StallCause.NO_DEMAND);

    assertThat(exporter.getFinishedSpanItems()).hasSize(1);
  }

  @Test
  void onlySoManyStreamsHaveCheckpointsAtATime() {
    StreamRecorder first = watched();
    for (int i = 1; i < CheckpointSpans.MAX_STREAMS; i++) {
      watched();
    }
    StreamRecorder refused = watched();
    assertThat(CallTrace.checkpoint(first)).isNotNull();
    assertThat(CallTrace.checkpoint(refused)).isNull();
    checkpoints.ended(refused, refused.now()); // was never one of them
    checkpoints.ended(first, first.now());

    assertThat(CallTrace.checkpoint(watched())).isNotNull();
    assertThat(CallTrace.checkpoint(watched())).isNull();
  }

  private final class Ending implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ending.accept(span.getName());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }
}
