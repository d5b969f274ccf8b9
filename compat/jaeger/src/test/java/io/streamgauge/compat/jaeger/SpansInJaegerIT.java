package io.streamgauge.compat.jaeger;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.streamgauge.JaegerWatch;
import io.streamgauge.compat.jaeger.JaegerTrace.JaegerSpan;
import io.streamgauge.compat.jaeger.JaegerTrace.Reference;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was sent against what Jaeger gives back, span by span. */
class SpansInJaegerIT {

  private static final String BIDI = TestMethods.BIDI.getFullMethodName();

  /** Jaeger moves spans only where this says so; it is zero unless a user wants it. */
  private static final String CORRECT_CLOCKS =
      "yaml:extensions::jaeger_query::max_clock_skew_adjust: 24h";

  @TempDir Path directory;

  private Jaeger jaeger;
  private Observed observed;

  @AfterEach
  void stop() throws Exception {
    if (observed != null) {
      observed.close();
    }
    if (jaeger != null) {
      jaeger.close();
    }
  }

  private void tick(TestCall call, int count) {
    call.send("tick");
    await().until(() -> call.received() == count);
  }

  @Test
  void whatComesBackIsWhatWasSent() throws Exception {
    jaeger = Jaeger.start(directory);
    observed =
        new Observed(
            List.of(jaeger.otlp()),
            builder ->
                builder
                    .captureMetadata("x-tenant")
                    .gray(GrayPolicy.builder().allow("blue").build()),
            TestService.create());
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER), "acme");
    headers.put(Metadata.Key.of("x-env-tag", Metadata.ASCII_STRING_MARSHALLER), "blue");
    TestCall call =
        TestCall.start(observed.channel, TestMethods.BIDI, CallOptions.DEFAULT, headers, 10);
    tick(call, 1);
    call.halfClose();
    call.awaitEnd();
    for (String request : List.of("a", "fail:NOT_FOUND", "fail:INTERNAL", "fail:UNAVAILABLE")) {
      unary(request);
    }
    List<SpanData> sent = awaitEnded(2 * 2 + 2 * 4);

    Map<String, JaegerSpan> back = awaitBack(sent);
    for (SpanData span : sent) {
      assertSame(span, back.get(span.getSpanId()));
      assertThat(jaeger.trace(span.getTraceId()).warned()).isEmpty();
    }
    assertThat(sent.stream().filter(s -> s.getStatus().getStatusCode() == StatusCode.ERROR))
        .hasSize(2 + 3);
  }

  private void unary(String request) {
    try {
      ClientCalls.blockingUnaryCall(
          observed.channel, TestMethods.UNARY, CallOptions.DEFAULT, request);
    } catch (StatusRuntimeException e) {
      assertThat(request).startsWith("fail:");
    }
  }

  /** A server's span may end after the client's. */
  private List<SpanData> awaitEnded(int spans) {
    await().until(() -> observed.flushed().size() == spans);
    return observed.flushed();
  }

  /** What came back of each span that was sent, once all did; each trace is asked for once. */
  private Map<String, JaegerSpan> awaitBack(List<SpanData> sent) {
    Map<String, JaegerSpan> back = new HashMap<>();
    await()
        .until(
            () -> {
              back.clear();
              for (String id : sent.stream().map(SpanData::getTraceId).distinct().toList()) {
                JaegerTrace trace = jaeger.trace(id);
                if (trace != null) {
                  trace.spans().forEach(span -> back.put(span.id(), span));
                }
              }
              return back.size();
            },
            size -> sent.stream().allMatch(span -> back.containsKey(span.getSpanId())));
    return back;
  }

  private static void assertSame(SpanData sent, JaegerSpan back) {
    assertThat(back.operation()).isEqualTo(sent.getName());
    assertThat(back.service())
        .isEqualTo(sent.getKind() == SpanKind.SERVER ? Observed.SERVER : serviceOf(sent));
    assertThat(back.process().keySet()).contains("host.name");
    assertThat(back.start()).isEqualTo(micros(sent.getStartEpochNanos()));
    // Of both ends in microseconds; the duration is cut once.
    assertThat(back.duration())
        .isEqualTo(micros(sent.getEndEpochNanos() - sent.getStartEpochNanos()));
    assertThat(back.parent())
        .isEqualTo(
            sent.getParentSpanContext().isValid()
                ? new Reference(sent.getTraceId(), sent.getParentSpanId())
                : null);
    assertThat(back.links())
        .containsExactlyElementsOf(
            sent.getLinks().stream()
                .map(LinkData::getSpanContext)
                .map(link -> new Reference(link.getTraceId(), link.getSpanId()))
                .toList());
    assertThat(back.tags()).isEqualTo(expectedTags(sent));
  }

  private static String serviceOf(SpanData span) {
    return span.getResource()
        .getAttribute(io.opentelemetry.api.common.AttributeKey.stringKey("service.name"));
  }

  private static long micros(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }

  /** Numbers stay numbers; a list is its JSON. */
  private static Map<String, JsonElement> expectedTags(SpanData span) {
    Map<String, JsonElement> tags = new TreeMap<>();
    span.getAttributes()
        .forEach(
            (key, value) ->
                tags.put(
                    key.getKey(),
                    value instanceof Number number
                        ? new JsonPrimitive(number)
                        : new JsonPrimitive(
                            value instanceof String text ? text : new Gson().toJson(value))));
    tags.put("span.kind", new JsonPrimitive(span.getKind().name().toLowerCase(Locale.ROOT)));
    tags.put("otel.scope.name", new JsonPrimitive(span.getInstrumentationScopeInfo().getName()));
    tags.put(
        "otel.scope.version", new JsonPrimitive(span.getInstrumentationScopeInfo().getVersion()));
    if (span.getStatus().getStatusCode() == StatusCode.ERROR) {
      tags.put("error", new JsonPrimitive(true));
      tags.put("otel.status_code", new JsonPrimitive("ERROR"));
      if (!span.getStatus().getDescription().isEmpty()) {
        tags.put("otel.status_description", new JsonPrimitive(span.getStatus().getDescription()));
      }
    }
    return tags;
  }

  @Test
  void tenThousandSpansInAreTenThousandOut() throws Exception {
    jaeger = Jaeger.start(directory);
    observed = new Observed(List.of(jaeger.otlp()), builder -> builder, TestService.create());
    for (int i = 0; i < 5_000; i++) {
      ClientCalls.blockingUnaryCall(
          observed.channel, TestMethods.UNARY, CallOptions.DEFAULT, "echo");
    }
    List<SpanData> sent = awaitEnded(10_000);
    Map<String, String> expected = new HashMap<>();
    sent.forEach(
        span ->
            expected.put(
                span.getSpanId(),
                span.getParentSpanContext().isValid() ? span.getParentSpanId() : ""));
    await().until(() -> parents().equals(expected));
    assertThat(expected).hasSize(10_000);
  }

  private Map<String, String> parents() {
    Map<String, String> parents = new HashMap<>();
    for (JaegerTrace trace : jaeger.search(Map.of("service", Observed.CLIENT))) {
      for (JaegerSpan span : trace.spans()) {
        parents.put(span.id(), span.parent() == null ? "" : span.parent().spanId());
      }
    }
    return parents;
  }

  /**
   * Two and a half hours of a stream, both sides on hosts of their own, in a Jaeger that corrects
   * clocks: from a full trace to the next by a tag, back by links, and every time is as sent.
   */
  @Test
  void aLongStreamIsFoundThroughItsLinksAndNoClockIsCorrected() throws Exception {
    jaeger = Jaeger.start(directory, CORRECT_CLOCKS);
    JaegerWatch watch = new JaegerWatch();
    observed = new Observed(List.of(jaeger.otlp()), watch::on, TestService.create());
    TestCall call = TestCall.start(observed.channel, TestMethods.BIDI, CallOptions.DEFAULT);
    int intervals = 300;
    for (int i = 1; i <= intervals; i++) {
      tick(call, i);
      watch.pass(observed.clientGauge, 30);
      watch.pass(observed.serverGauge, 0);
    }
    List<SpanData> sent = observed.flushed();
    SpanData open =
        sent.stream()
            .filter(span -> span.getName().equals(BIDI + " open"))
            .filter(span -> serviceOf(span).equals(Observed.CLIENT))
            .findFirst()
            .orElseThrow();
    Map<String, JaegerSpan> back = awaitBack(sent);

    JaegerTrace trace = jaeger.trace(open.getTraceId());
    int checkpoints = trace.of(Observed.CLIENT, BIDI + " checkpoint").size();
    int hops = 0;
    for (String next = next(trace); next != null; next = next(trace)) {
      JaegerTrace following = jaeger.trace(next);
      JaegerSpan marker = following.of(Observed.CLIENT, BIDI + " continued").get(0);
      JaegerSpan last = trace.span(marker.links().get(1).spanId());
      assertThat(last.tag("streamgauge.trace.next")).isEqualTo(next);
      assertThat(marker.links().get(0).traceId()).isEqualTo(open.getTraceId());
      assertThat(following.spans().stream().filter(span -> !span.warnings().isEmpty()))
          .as("nothing but the marker has a parent that is not there")
          .containsExactly(marker);
      trace = following;
      checkpoints += trace.of(Observed.CLIENT, BIDI + " checkpoint").size();
      hops++;
    }
    assertThat(hops).isEqualTo(2);
    assertThat(checkpoints).isEqualTo(intervals);
    for (SpanData span : sent) {
      assertThat(back.get(span.getSpanId()).start())
          .as(span.getName())
          .isEqualTo(micros(span.getStartEpochNanos()));
      assertThat(back.get(span.getSpanId()).warnings().toString()).doesNotContain("adjusted");
    }
  }

  /** Null if the trace is not full. */
  private static String next(JaegerTrace trace) {
    return trace.of(Observed.CLIENT, BIDI + " checkpoint").stream()
        .map(span -> span.tag("streamgauge.trace.next"))
        .filter(next -> next != null)
        .findFirst()
        .orElse(null);
  }

  /** In the application's own trace; the caller's span is over before the stream is. */
  @Test
  void aCallersSpanThatEndsFirstMovesNothing() throws Exception {
    jaeger = Jaeger.start(directory, CORRECT_CLOCKS);
    observed =
        new Observed(
            List.of(jaeger.otlp()),
            builder -> builder.checkpointEvery(Duration.ofMillis(1)),
            TestService.create());
    Span caller = observed.client().getTracer("app").spanBuilder("subscribe").startSpan();
    TestCall call;
    try (Scope scope = caller.makeCurrent()) {
      call = TestCall.start(observed.channel, TestMethods.BIDI, CallOptions.DEFAULT);
    }
    tick(call, 1);
    caller.end();
    tick(call, 2);
    await().until(() -> observed.flushed().stream().anyMatch(SpansInJaegerIT::isCheckpoint));
    call.halfClose();
    call.awaitEnd();
    await()
        .until(
            () -> observed.flushed().stream().filter(s -> s.getName().equals(BIDI)).count() == 2);
    List<SpanData> sent = observed.flushed();
    Map<String, JaegerSpan> back = awaitBack(sent);
    for (SpanData span : sent) {
      // A server may hear of the end after its client; Jaeger moves it then, with all below it.
      if (serviceOf(span).equals(Observed.CLIENT)) {
        assertThat(back.get(span.getSpanId()).warnings()).as(span.getName()).isEmpty();
        assertThat(back.get(span.getSpanId()).start()).isEqualTo(micros(span.getStartEpochNanos()));
      }
    }
  }

  private static boolean isCheckpoint(SpanData span) {
    return span.getName().equals(BIDI + " checkpoint");
  }
}
