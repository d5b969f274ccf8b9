package io.streamgauge.internal.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;

/**
 * The context of a call where OpenTelemetry's own storage is. Its testing library, which is on the
 * class path, brings another one; the execution of {@code WithoutUpstreamSuite} does without.
 */
@UnitTest
class CallContextSuite {

  private static final ContextKey<String> BELOW = ContextKey.named("below");
  private static final ContextKey<String> KEPT = ContextKey.named("kept");
  private static final ContextKey<String> OTHER = ContextKey.named("other");

  private final Baggage baggage = Baggage.builder().put("who", "me").build();

  private final StreamRecorder stream =
      new TestStreams(Timing.OFF).open(CallSide.SERVER, TestStreams.UNARY);
  private final Context base = Context.root().with(BELOW, "value").with(span(1));

  private static Span span(int id) {
    return Span.wrap(
        SpanContext.create(
            String.format("%032x", id),
            String.format("%016x", id),
            TraceFlags.getSampled(),
            TraceState.getDefault()));
  }

  private static int id(Context context) {
    return Integer.parseInt(Span.fromContext(context).getSpanContext().getSpanId());
  }

  @Test
  void beginsAsWhatIsCurrent() {
    Context served = CallContext.serve(stream, base);
    assertThat(CallContext.callbacks(stream)).isSameAs(served);
    assertThat(CallContext.measured(stream)).isSameAs(served);
    assertThat(served.get(BELOW)).isEqualTo("value");
    assertThat(Span.fromContext(served)).isSameAs(Span.fromContext(base));
    assertThat(Baggage.fromContextOrNull(served)).isNull();
    assertThat(served.get(KEPT)).isNull();
  }

  @Test
  void isFilledInItsPlace() {
    Context served = CallContext.serve(stream, base);
    Span own = span(2);
    assertThat(CallContext.with(stream, served, own)).isSameAs(served);
    assertThat(CallContext.with(stream, served, baggage)).isSameAs(served);
    assertThat(CallContext.with(stream, served, KEPT, "tag")).isSameAs(served);
    assertThat(Span.fromContext(served)).isSameAs(own);
    assertThat(Baggage.fromContext(served)).isSameAs(baggage);
    assertThat(served.get(KEPT)).isEqualTo("tag");
    assertThat(served.get(BELOW)).isEqualTo("value");

    Context more = CallContext.with(stream, served, OTHER, "second");
    assertThat(more).as("the context keeps one value besides span and baggage").isNotSameAs(served);
    assertThat(more.get(OTHER)).isEqualTo("second");
    assertThat(more.get(KEPT)).isEqualTo("tag");
    assertThat(Span.fromContext(more)).isSameAs(own);
  }

  @Test
  void anotherCallsContextIsLeftAsItIs() {
    StreamRecorder outer = new TestStreams(Timing.OFF).open(CallSide.SERVER, TestStreams.UNARY);
    Context before = CallContext.with(outer, CallContext.serve(outer, base), span(2));
    CallContext.serve(stream, before);
    Context made = CallContext.with(stream, before, span(3));
    assertThat(made).isNotSameAs(before);
    assertThat(id(before)).isEqualTo(2);
    assertThat(id(made)).isEqualTo(3);
  }

  @Test
  void whatIsBuiltOnItKeepsItsValues() {
    Context served = CallContext.serve(stream, base);
    CallContext.with(stream, served, baggage);
    CallContext.with(stream, served, KEPT, "tag");
    Context built = served.with(OTHER, "more").with(span(4));
    Context lasting = CallContext.lasting(served);
    CallContext.with(stream, served, span(5));
    for (Context each : new Context[] {built, lasting}) {
      assertThat(Baggage.fromContext(each)).isSameAs(baggage);
      assertThat(each.get(KEPT)).isEqualTo("tag");
      assertThat(each.get(BELOW)).isEqualTo("value");
    }
    assertThat(id(built)).isEqualTo(4);
    assertThat(id(lasting)).as("as it was then").isEqualTo(1);
    assertThat(CallContext.lasting(base)).isSameAs(base);
  }

  @Test
  void anotherContextReplacesIt() {
    CallContext.with(stream, CallContext.serve(stream, base), span(2));
    Context other = Context.root().with(OTHER, "other");
    CallContext.callbacks(stream, other);
    assertThat(CallContext.callbacks(stream)).isSameAs(other);
    assertThat(id(CallContext.measured(stream))).isEqualTo(2);
  }

  @Test
  void isCurrentLikeAnyOther() {
    Context served = CallContext.with(stream, CallContext.serve(stream, base), span(2));
    try (Scope scope = served.makeCurrent()) {
      assertThat(id(Context.current())).isEqualTo(2);
      assertThat(Context.current()).isSameAs(served);
    }
  }

  @Test
  void theCallbacksOfAClientRunInWhatWasCurrent() {
    CallContext.call(stream, base);
    assertThat(CallContext.callbacks(stream)).isSameAs(base);
    assertThat(CallContext.measured(stream)).as("without a span").isNull();
    CallContext.own(stream, span(3));
    assertThat(CallContext.callbacks(stream)).isSameAs(base);
    assertThat(id(CallContext.measured(stream))).isEqualTo(3);
    assertThat(CallContext.measured(stream).get(BELOW)).isEqualTo("value");

    Context other = Context.root().with(OTHER, "other");
    CallContext.call(stream, other);
    assertThat(CallContext.callbacks(stream)).isSameAs(other);
    assertThat(id(CallContext.measured(stream))).isEqualTo(3);
    CallContext.own(stream, span(4));
    assertThat(id(CallContext.measured(stream))).isEqualTo(4);
    assertThat(CallContext.measured(stream).get(OTHER)).isEqualTo("other");
  }
}
