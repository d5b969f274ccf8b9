package io.streamgauge.internal.tracing;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.streamgauge.internal.stream.HandMovedClock;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A stream in its trace while it lives; real sockets, a clock moved by hand. */
@Tag("leak")
@Isolated("looks at the whole heap")
class CheckpointTest extends HandMovedClock {

  private static final String METHOD = TestMethods.BIDI.getFullMethodName();
  private static final AttributeKey<String> CAUSE =
      AttributeKey.stringKey("grpc.stream.stall_cause");
  private static final AttributeKey<Long> STREAM = AttributeKey.longKey("streamgauge.stream.id");
  private static final AttributeKey<String> NEXT = AttributeKey.stringKey("streamgauge.trace.next");
  private static final AttributeKey<Long> SENT = AttributeKey.longKey("grpc.stream.msg_sent");
  private static final AttributeKey<Long> RECEIVED =
      AttributeKey.longKey("grpc.stream.msg_received");

  /** One in a hundred by itself, and whatever a sampled caller begins. */
  @Override
  protected Sampler sampler() {
    return Sampler.parentBased(Sampler.traceIdRatioBased(0.01));
  }

  private List<SpanData> named(String name) {
    return spans.getFinishedSpanItems().stream()
        .filter(span -> span.getName().equals(name))
        .sorted(Comparator.comparingLong(SpanData::getStartEpochNanos))
        .toList();
  }

  private List<SpanData> ofStream(List<SpanData> from, String side) {
    long id =
        gauge.liveStreams().stream()
            .filter(view -> view.side().label().equals(side))
            .findFirst()
            .orElseThrow()
            .id();
    return from.stream().filter(span -> span.getAttributes().get(STREAM) == id).toList();
  }

  /** A call whose caller has a trace that is sampled. */
  private TestCall sampledCall() {
    SpanContext caller =
        SpanContext.create(
            "0af7651916cd43dd8448eb211c80319c",
            "b7ad6b7169203331",
            TraceFlags.getSampled(),
            TraceState.getDefault());
    try (Scope scope = Context.root().with(Span.wrap(caller)).makeCurrent()) {
      return TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    }
  }

  private void exchange(int count) {
    call.send("tick");
    accepted.join().request(1);
    await().until(() -> scrape().sum("grpc_server_msg_received_total") == count);
  }

  @Test
  void tenMinutesWithAStallInTheFourth() throws IOException {
    serve(driven(nothing()));
    call = sampledCall();
    accepted.join();
    int sent = 0;
    for (int second = 0; second < 600; second++) {
      if (second < 180 || second >= 240) {
        exchange(++sent);
      }
      seconds(1);
    }
    // The stall has moved the server's rhythm by ten seconds; its last interval ends at 610.
    accepted.join().request(1);
    seconds(10);

    List<SpanData> all = ofStream(named(METHOD + " checkpoint"), "server");
    List<SpanData> errors =
        all.stream().filter(s -> s.getStatus().getStatusCode() == StatusCode.ERROR).toList();
    assertThat(errors)
        .singleElement()
        .satisfies(
            span -> {
              assertThat(span.getAttributes().get(CAUSE)).isEqualTo("no_demand");
              assertThat(span.getStatus().getDescription()).isEqualTo("stalled: no_demand");
            });
    // Moved at second 180; the watch says so at 180 + 10, and the span ends then.
    long begun = ofStream(named(METHOD + " open"), "server").get(0).getStartEpochNanos();
    assertThat(errors.get(0).getEndEpochNanos() - begun)
        .isBetween(TimeUnit.SECONDS.toNanos(189), TimeUnit.SECONDS.toNanos(191));
    assertThat(all).hasSize(6 + 1 + 13);
    assertThat(all.stream().mapToLong(span -> span.getAttributes().get(RECEIVED)).sum())
        .as("each message in one of them")
        .isEqualTo(sent);
    assertThat(ofStream(named(METHOD + " open"), "server")).hasSize(1);
    assertThat(ofStream(named(METHOD + " checkpoint"), "client"))
        .hasSize(18)
        .allSatisfy(
            span -> assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET));
    // All in the stream's own trace, below its call span.
    String parent =
        gauge.liveStreams().stream()
            .filter(view -> view.side().label().equals("server"))
            .findFirst()
            .orElseThrow()
            .spanId();
    SpanData open = ofStream(named(METHOD + " open"), "server").get(0);
    assertThat(open.getParentSpanId()).isEqualTo(parent);
    assertThat(all)
        .allSatisfy(span -> assertThat(span.getParentSpanId()).isEqualTo(open.getSpanId()));
  }

  /** At one per cent: past 128 in another trace, and not one is lost on the way. */
  @Test
  void pastTheCeilingOfATraceTheyGoOnInALinkedOne() throws IOException {
    serve(TestService.create());
    call = sampledCall();
    int intervals = 300;
    for (int i = 1; i <= intervals; i++) {
      int expected = i;
      call.send("tick");
      await().until(() -> call.received() == expected);
      seconds(30);
    }

    List<SpanData> all = ofStream(named(METHOD + " checkpoint"), "client");
    assertThat(all).hasSize(intervals);
    assertThat(all.stream().mapToLong(span -> span.getAttributes().get(SENT)).sum())
        .isEqualTo(intervals);
    Set<String> traces = new HashSet<>();
    all.forEach(span -> traces.add(span.getTraceId()));
    assertThat(traces).hasSize(3);
    List<SpanData> markers = ofStream(named(METHOD + " continued"), "client");
    assertThat(markers).hasSize(2);
    for (int i = 0; i < markers.size(); i++) {
      SpanData full = all.get(127 * (i + 1) - 1);
      assertThat(markers.get(i).getLinks())
          .extracting(LinkData::getSpanContext)
          .extracting(SpanContext::getSpanId)
          .hasSize(2)
          .contains(full.getSpanId());
      assertThat(full.getAttributes().get(NEXT)).isEqualTo(markers.get(i).getTraceId());
    }
  }

  @Test
  void whatIsNotSampledAndWhatIsNoStreamHasNone() throws IOException {
    serve(TestService.create());
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT, new Metadata(), 10);
    call.send("tick");
    await().until(() -> call.received() == 1);
    boolean sampled = gauge.liveStreams().get(0).sampled();
    seconds(31);

    assertThat(named(METHOD + " checkpoint").isEmpty()).isEqualTo(!sampled);
    assertThat(named(TestMethods.UNARY.getFullMethodName() + " open")).isEmpty();
  }

  /** A million messages (ten with the full profile): two open spans, and no heap that grows. */
  @Test
  @Tag("soak")
  void messagesLeaveNothingBehind() throws Exception {
    serve(
        driven(
            new io.grpc.ServerCall.Listener<>() {
              @Override
              public void onMessage(String message) {
                accepted.join().request(1);
              }
            }));
    call = sampledCall();
    // Or grpc keeps a copy of what was sent, in case it must send it again.
    accepted.join().sendHeaders(new Metadata());
    accepted.join().request(1);
    int messages = Boolean.getBoolean("test.full") ? 10_000_000 : 1_000_000;
    send(messages / 10, messages / 10);
    long before = heapAfterGc();
    send(messages - messages / 10, messages);

    assertThat(heapAfterGc() - before).as("heap, bytes").isLessThan(messages);
    assertThat(spans.getFinishedSpanItems()).extracting(SpanData::getName).hasSize(2);
  }

  private void send(int count, int total) {
    for (int i = 0; i < count; i++) {
      if (i % 10_000 == 9_999) {
        int expected = total - count + i - 10_000;
        await().until(() -> scrape().sum("grpc_server_msg_received_total") >= expected);
      }
      call.send("m");
    }
    await().until(() -> scrape().sum("grpc_server_msg_received_total") == total);
  }

  private static long heapAfterGc() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }
}
