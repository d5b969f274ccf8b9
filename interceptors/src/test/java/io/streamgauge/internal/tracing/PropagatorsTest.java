package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.grpc.Metadata;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.BaggageBuilder;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.contrib.awsxray.propagator.AwsXrayLambdaPropagator;
import io.opentelemetry.contrib.awsxray.propagator.AwsXrayPropagator;
import io.opentelemetry.extension.trace.propagation.B3Propagator;
import io.opentelemetry.extension.trace.propagation.JaegerPropagator;
import io.opentelemetry.extension.trace.propagation.OtTracePropagator;
import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.TraceTrust;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.tagging.KnownTag;
import io.streamgauge.internal.tagging.TagBaggage;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Tuple;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every propagator that OpenTelemetry ships, with whatever a stranger or an application sends. */
class PropagatorsTest {

  private static final int TRIES = 1_000;
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  /** One says once what is unusual. */
  private final Map<TextMapPropagator, TraceHeaders> made = new HashMap<>();

  private final TestStreams streams = new TestStreams(Timing.OFF);

  @SuppressWarnings("deprecation") // upstream still ships them, so users still have them
  static Stream<Arguments> propagators() {
    return Stream.of(
        arguments("tracecontext", W3CTraceContextPropagator.getInstance()),
        arguments("baggage", W3CBaggagePropagator.getInstance()),
        arguments("b3", B3Propagator.injectingSingleHeader()),
        arguments("b3multi", B3Propagator.injectingMultiHeaders()),
        arguments("jaeger", JaegerPropagator.getInstance()),
        arguments("ottrace", OtTracePropagator.getInstance()),
        arguments("xray", AwsXrayPropagator.getInstance()),
        arguments("xray-lambda", AwsXrayLambdaPropagator.getInstance()),
        arguments(
            "all",
            TextMapPropagator.composite(
                W3CTraceContextPropagator.getInstance(),
                W3CBaggagePropagator.getInstance(),
                B3Propagator.injectingSingleHeader(),
                B3Propagator.injectingMultiHeaders(),
                JaegerPropagator.getInstance(),
                OtTracePropagator.getInstance(),
                AwsXrayPropagator.getInstance())));
  }

  // ---- what a call brings --------------------------------------------------------------------

  private static Arbitrary<String> names() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "traceparent",
            "tracestate",
            "baggage",
            "b3",
            "x-b3-traceid",
            "x-b3-spanid",
            "x-b3-sampled",
            "uber-trace-id",
            "uberctx-x",
            "uberctx-x-bin",
            "jaeger-baggage",
            "ot-tracer-traceid",
            "ot-tracer-spanid",
            "ot-tracer-sampled",
            "ot-baggage-x",
            "ot-baggage-x-bin",
            "x-amzn-trace-id"),
        Arbitraries.strings()
            .withChars("abcdefghijklmnopqrstuvwxyz0123456789-_.")
            .ofMinLength(1)
            .ofMaxLength(20)
            .map(name -> "uberctx-" + name),
        Arbitraries.strings()
            .withChars("abcdefghijklmnopqrstuvwxyz0123456789-_.")
            .ofMinLength(1)
            .ofMaxLength(20)
            .map(name -> "ot-baggage-" + name + "-bin"));
  }

  private static Arbitrary<String> values() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "00-" + TRACE + "-" + SPAN + "-01",
            TRACE + "-" + SPAN + "-1",
            TRACE + ":" + SPAN + ":0:1",
            "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=" + SPAN + ";Sampled=1",
            TRACE,
            SPAN,
            "1",
            "true",
            "a=b,c=d",
            ""),
        Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(60));
  }

  private static RandomGenerator<List<Tuple.Tuple2<String, String>>> headers() {
    return net.jqwik.api.Combinators.combine(names(), values())
        .as(Tuple::of)
        .list()
        .ofMaxSize(8)
        .generator(1_000);
  }

  private static Metadata metadata(List<? extends Tuple.Tuple2<String, String>> headers) {
    Metadata made = new Metadata();
    for (Tuple.Tuple2<String, String> header : headers) {
      put(made, header.get1(), header.get2());
    }
    return made;
  }

  private static void put(Metadata headers, String name, String value) {
    if (name.endsWith("-bin")) {
      headers.put(
          Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
          value.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    } else {
      headers.put(ascii(name), value);
    }
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** The text of the headers, the last of each name, as a propagator sees them over HTTP. */
  private static Map<String, String> text(Metadata headers) {
    Map<String, String> text = new LinkedHashMap<>();
    for (String name : headers.keys()) {
      if (!name.endsWith("-bin")) {
        text.put(name, headers.get(ascii(name)));
      }
    }
    return text;
  }

  private static final TextMapGetter<Map<String, String>> FROM_TEXT =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> carrier) {
          return carrier.keySet();
        }

        @Override
        public String get(Map<String, String> carrier, String key) {
          return carrier.get(key.toLowerCase(Locale.ROOT));
        }
      };

  /** Several baggage headers are one list (W3C Baggage, 3.2). */
  private static Map<String, String> joined(Metadata headers) {
    Map<String, String> text = text(headers);
    if (text.containsKey("baggage")) {
      text.put("baggage", String.join(",", headers.getAll(ascii("baggage"))));
    }
    return text;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("propagators")
  void whateverACallerSendsIsReadAsThePropagatorReadsItsText(
      String name, TextMapPropagator propagator) {
    TraceHeaders headers = new TraceHeaders(propagator, TraceTrust.TRUSTED);
    JqwikSession.run(
        () -> {
          var generator = headers();
          Random random = new Random(name.hashCode());
          for (int i = 0; i < TRIES; i++) {
            Metadata sent = metadata(generator.next(random).value());
            StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
            KnownTag only = TagBaggage.only(sent);
            headers.extract(stream, sent, only == null ? null : only.baggage());
            Context read = CallContext.callbacks(stream);
            if (isTwice(sent)) {
              continue; // two of them are none
            }
            Context expected = reference(propagator, joined(sent));
            assertThat(Span.fromContext(read).getSpanContext())
                .as("%s", text(sent))
                .isEqualTo(Span.fromContext(expected).getSpanContext());
            assertThat(Baggage.fromContext(read).asMap())
                .as("%s", text(sent))
                .isEqualTo(Baggage.fromContext(expected).asMap());
            stream.end(0, null);
          }
        });
  }

  /** A propagator that throws at a baggage header reads the rest without it, or nothing. */
  private static Context reference(TextMapPropagator propagator, Map<String, String> headers) {
    try {
      return propagator.extract(Context.root(), headers, FROM_TEXT);
    } catch (RuntimeException malformed) {
      headers.keySet().removeIf(key -> key.startsWith("uberctx-"));
    }
    try {
      return propagator.extract(Context.root(), headers, FROM_TEXT);
    } catch (RuntimeException malformed) {
      return Context.root();
    }
  }

  private static boolean isTwice(Metadata sent) {
    Iterable<String> all = sent.getAll(ascii("traceparent"));
    return all != null && count(all) > 1;
  }

  private static int count(Iterable<String> all) {
    int count = 0;
    for (String each : all) {
      count += each == null ? 0 : 1;
    }
    return count;
  }

  // ---- what a call sends ---------------------------------------------------------------------

  private Metadata sent(TextMapPropagator propagator, Context context, Metadata headers) {
    TraceHeaders trace =
        made.computeIfAbsent(propagator, p -> new TraceHeaders(p, TraceTrust.TRUSTED));
    StreamRecorder stream = streams.open(CallSide.CLIENT, TestStreams.BIDI);
    stream.headerRoom(7_000);
    try (Scope scope = context.makeCurrent()) {
      assertThat(scope).isNotNull();
      boolean none = headers.keys().isEmpty();
      trace.begin(stream, headers, none);
      trace.inject(stream, headers, none);
    }
    stream.end(0, null);
    return headers;
  }

  private static Context tracing(Baggage baggage) {
    SpanContext span =
        SpanContext.create(TRACE, SPAN, TraceFlags.getSampled(), TraceState.getDefault());
    return Context.root().with(Span.wrap(span)).with(baggage);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("propagators")
  void whateverBaggageAnApplicationHasTheTraceIsSent(String name, TextMapPropagator propagator) {
    JqwikSession.run(
        () -> {
          var generator =
              net.jqwik.api.Combinators.combine(
                      Arbitraries.strings().ofMinLength(1).ofMaxLength(20),
                      Arbitraries.strings().ofMaxLength(40))
                  .as(Tuple::of)
                  .list()
                  .ofMaxSize(5)
                  .generator(1_000);
          Random random = new Random(name.hashCode());
          Map<String, String> alone =
              text(sent(propagator, tracing(Baggage.empty()), new Metadata()));
          for (int i = 0; i < TRIES; i++) {
            BaggageBuilder baggage = Baggage.builder();
            generator
                .next(random)
                .value()
                .forEach(entry -> baggage.put(entry.get1(), entry.get2()));
            Map<String, String> sent =
                text(sent(propagator, tracing(baggage.build()), new Metadata()));
            assertThat(sent).as("%s", baggage.build()).containsAllEntriesOf(alone);
            // What gRPC would refuse to send, or send as something else, is not there.
            sent.forEach((key, value) -> assertThat(value).matches("[ -~]*"));
          }
        });
  }

  /** A baggage key that is no header name stops nothing: the others are sent. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("propagators")
  void aBaggageKeyThatIsNoHeaderNameStopsNothing(String name, TextMapPropagator propagator) {
    Context plain = tracing(Baggage.builder().put("after", "1").build());
    Context odd =
        tracing(Baggage.builder().put("user/id", "7").put("x-bin", "8").put("after", "1").build());
    Map<String, String> expected = text(sent(propagator, plain, new Metadata()));
    Map<String, String> sent = text(sent(propagator, odd, new Metadata()));
    if (propagator.fields().contains("baggage")) {
      expected.remove("baggage");
      assertThat(sent.get("baggage")).contains("after=1").contains("user/id=7");
    }
    assertThat(sent).containsAllEntriesOf(expected);
  }

  /** A proxy copies what it was sent to its own call, and its trace goes with nothing of theirs. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("propagators")
  void nothingOfAStrangersTraceGoesWithOurs(String name, TextMapPropagator propagator) {
    JqwikSession.run(
        () -> {
          var generator = headers();
          Random random = new Random(name.hashCode());
          Map<String, String> alone =
              text(sent(propagator, tracing(Baggage.empty()), new Metadata()));
          for (int i = 0; i < TRIES; i++) {
            Metadata copied = metadata(generator.next(random).value());
            Map<String, String> theirs = text(copied);
            Map<String, String> sent = text(sent(propagator, tracing(Baggage.empty()), copied));
            assertThat(sent).containsAllEntriesOf(alone);
            for (String field : propagator.fields()) {
              String key = field.toLowerCase(Locale.ROOT);
              if (key.equals("baggage")) {
                assertThat(sent.get(key)).as("the application's own").isEqualTo(theirs.get(key));
              } else {
                assertThat(sent.get(key)).as(key).isEqualTo(alone.get(key));
              }
            }
            if (name.equals("jaeger")) {
              assertThat(sent.keySet()).noneMatch(key -> key.startsWith("uberctx-"));
            }
            if (name.equals("ottrace")) {
              assertThat(sent.keySet()).noneMatch(key -> key.startsWith("ot-baggage-"));
            }
          }
        });
  }

  /** Without a trace to send, what the application has put there is left alone. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("propagators")
  void withoutATraceNothingIsTakenAway(String name, TextMapPropagator propagator) {
    Metadata headers = new Metadata();
    for (String field : propagator.fields()) {
      headers.put(ascii(field), "theirs");
    }
    Map<String, String> before = text(headers);

    assertThat(text(sent(propagator, Context.root(), headers))).isEqualTo(before);
  }
}
