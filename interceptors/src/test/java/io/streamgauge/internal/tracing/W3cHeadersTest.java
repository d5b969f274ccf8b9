package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.extension.trace.propagation.B3Propagator;
import io.streamgauge.testkit.fixture.UnitTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header as bytes, against W3C's cases and OpenTelemetry's propagator. */
@UnitTest
class W3cHeadersTest {

  private static final String TRACE = "12345678901234567890123456789012";
  private static final String SPAN = "1234567890123456";
  private static final String GOOD = "00-" + TRACE + "-" + SPAN + "-01";

  private static final Metadata.Key<String> TEXT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  private static IdSpan parsed(String text) {
    return W3cHeaders.parse(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** What OpenTelemetry's propagator reads; invalid for nothing. */
  private static SpanContext theirs(String text) {
    Context read =
        W3CTraceContextPropagator.getInstance()
            .extract(
                Context.root(),
                Map.of("traceparent", text),
                new TextMapGetter<Map<String, String>>() {
                  @Override
                  public Iterable<String> keys(Map<String, String> carrier) {
                    return carrier.keySet();
                  }

                  @Override
                  public String get(Map<String, String> carrier, String key) {
                    return carrier.get(key);
                  }
                });
    return Span.fromContext(read).getSpanContext();
  }

  // ---- the cases of the W3C's test suite for trace context, traceparent, levels 1 and 2 ---------

  @ParameterizedTest
  @ValueSource(
      strings = {
        GOOD,
        "cc-12345678901234567890123456789012-1234567890123456-01",
        "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
        "00-12345678901234567890123456789012-1234567890123456-03",
        "00-12345678901234567890123456789012-1234567890123456-ff",
        "00-12345678901234567890123456789012-1234567890123456-00"
      })
  void goesOnWithTheTrace(String text) {
    assertThat(parsed(text)).isNotNull();
    assertThat(parsed(text).getTraceId()).isEqualTo(TRACE);
    assertThat(parsed(text).getSpanId()).isEqualTo(SPAN);
    assertThat(parsed(text).isRemote()).isTrue();
    assertSame(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-12345678901234567890123456789012-1234567890123456-01.",
        "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
        "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like",
        "ff-12345678901234567890123456789012-1234567890123456-01",
        ".0-12345678901234567890123456789012-1234567890123456-01",
        "0.-12345678901234567890123456789012-1234567890123456-01",
        "000-12345678901234567890123456789012-1234567890123456-01",
        "0000-12345678901234567890123456789012-1234567890123456-01",
        "0-12345678901234567890123456789012-1234567890123456-01",
        "00-00000000000000000000000000000000-1234567890123456-01",
        "00-.2345678901234567890123456789012-1234567890123456-01",
        "00-1234567890123456789012345678901.-1234567890123456-01",
        "00-123456789012345678901234567890123-1234567890123456-01",
        "00-1234567890123456789012345678901-1234567890123456-01",
        "00-12345678901234567890123456789012-0000000000000000-01",
        "00-12345678901234567890123456789012-.234567890123456-01",
        "00-12345678901234567890123456789012-123456789012345.-01",
        "00-12345678901234567890123456789012-12345678901234567-01",
        "00-12345678901234567890123456789012-123456789012345-01",
        "00-12345678901234567890123456789012-1234567890123456-.0",
        "00-12345678901234567890123456789012-1234567890123456-0.",
        "00-12345678901234567890123456789012-1234567890123456-001",
        "00-12345678901234567890123456789012-1234567890123456-1",
        "00-ABCDEF78901234567890123456789012-1234567890123456-01",
        "00-12345678901234567890123456789012-ABCDEF7890123456-01"
      })
  void beginsANewTrace(String text) {
    assertThat(parsed(text)).isNull();
    assertSame(text);
  }

  private static void assertSame(String text) {
    IdSpan ours = parsed(text);
    SpanContext theirs = theirs(text);
    assertThat(ours != null).as("%s is valid", text).isEqualTo(theirs.isValid());
    if (ours != null) {
      assertThat(ours.getTraceId()).as(text).isEqualTo(theirs.getTraceId());
      assertThat(ours.getSpanId()).as(text).isEqualTo(theirs.getSpanId());
      assertThat(ours.getTraceFlags()).as(text).isEqualTo(theirs.getTraceFlags());
      assertThat(ours.getTraceState()).as(text).isEqualTo(theirs.getTraceState());
      assertThat(ours).as(text).isEqualTo(theirs);
    }
  }

  @Test
  void readsWhatThePropagatorReads() {
    Random random = new Random(1);
    String alphabet = "0123456789abcdefABCDEF-.gz ";
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder(GOOD);
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(text.length());
        char other = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(8)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, other);
          case 2 -> text.append(other);
          default -> text.setCharAt(at, other);
        }
      }
      assertSame(text.toString());
    }
  }

  @Test
  void writesWhatThePropagatorWrites() {
    Random random = new Random(2);
    for (int i = 0; i < 1_000; i++) {
      IdSpan span =
          IdSpan.remote(random.nextLong(), random.nextLong(), random.nextLong() | 1, i & 0xff);
      AtomicReference<String> theirs = new AtomicReference<>();
      W3CTraceContextPropagator.getInstance()
          .inject(
              Context.root().with(span),
              theirs,
              (carrier, key, value) -> {
                if (key.equals("traceparent")) {
                  carrier.set(value);
                }
              });
      Metadata headers = new Metadata();
      headers.put(TEXT, "what was there");
      W3cHeaders.write(headers, span, false);
      assertThat(headers.getAll(TEXT)).containsExactly(theirs.get());
      assertThat(W3cHeaders.parse(W3cHeaders.sent(headers))).isEqualTo(span);
    }
  }

  @Test
  void tellsAHeaderThatIsThereTwice() {
    Metadata headers = new Metadata();
    assertThat(W3cHeaders.sent(headers)).isNull();
    assertThat(W3cHeaders.isSent(headers)).isFalse();
    headers.put(TEXT, GOOD);
    assertThat(W3cHeaders.sent(headers)).asString(StandardCharsets.US_ASCII).isEqualTo(GOOD);
    headers.put(TEXT, GOOD);
    assertThat(W3cHeaders.sent(headers)).isNull();
    assertThat(W3cHeaders.isSent(headers)).isTrue();
  }

  @Test
  void isForW3cPropagatorsOnly() {
    TextMapPropagator trace = W3CTraceContextPropagator.getInstance();
    TextMapPropagator baggage = W3CBaggagePropagator.getInstance();
    assertThat(W3cHeaders.of(trace).baggage).isFalse();
    assertThat(W3cHeaders.of(TextMapPropagator.composite(trace, baggage)).baggage).isTrue();
    assertThat(W3cHeaders.of(TextMapPropagator.composite(List.of(trace, baggage))).baggage)
        .isTrue();
    assertThat(W3cHeaders.of(baggage)).isNull();
    assertThat(W3cHeaders.of(TextMapPropagator.noop())).isNull();
    assertThat(W3cHeaders.of(B3Propagator.injectingSingleHeader())).isNull();
    assertThat(
            W3cHeaders.of(
                TextMapPropagator.composite(trace, baggage, B3Propagator.injectingSingleHeader())))
        .isNull();
  }

  @ParameterizedTest
  @CsvSource({"0,0", "-1,-1", "1,-9223372036854775808"})
  void idsAsTextAndBack(long high, long low) {
    String text = TraceIds.traceId(high, low);
    assertThat(text).isEqualTo(String.format("%016x%016x", high, low));
    assertThat(TraceIds.isHex(text, 0, 32)).isTrue();
    assertThat(TraceIds.read(text, 0)).isEqualTo(high);
    assertThat(TraceIds.read(text, 16)).isEqualTo(low);
    assertThat(TraceIds.spanId(low)).isEqualTo(String.format("%016x", low));
  }
}
