package io.streamgauge.internal.export.otel;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;

@UnitTest
class ExemplarPaceTest {

  private static final long SECOND = 1_000_000_000L;

  private final Context span =
      Context.root()
          .with(
              Span.wrap(
                  SpanContext.create(
                      "0af7651916cd43dd8448eb211c80319c",
                      "b7ad6b7169203331",
                      TraceFlags.getSampled(),
                      TraceState.getDefault())));

  private final ExemplarPace pace = new ExemplarPace(new double[] {0.1, 1});

  @Test
  void oneOfEachBucketASecondHasItsSpan() {
    assertThat(pace.pick(span, 0.1, 0)).isSameAs(span);
    assertThat(pace.pick(span, 0.05, SECOND - 1)).isSameAs(Context.root());
    assertThat(pace.pick(span, 0.2, SECOND - 1)).as("another bucket").isSameAs(span);
    assertThat(pace.pick(span, 5, SECOND - 1)).as("the last bucket").isSameAs(span);
    assertThat(pace.pick(span, 0.1, SECOND + 1)).isSameAs(span);
    assertThat(pace.pick(span, 0.1, SECOND + 2)).isSameAs(Context.root());
    assertThat(pace.pick(span, 0.2, 2 * SECOND - 2)).isSameAs(Context.root());
    assertThat(pace.pick(span, 0.2, 2 * SECOND - 1)).isSameAs(span);
  }

  @Test
  void theOthersKeepTheirBaggage() {
    Baggage one = Baggage.builder().put("tenant", "one").build();
    Baggage two = Baggage.builder().put("tenant", "two").build();
    Context first = span.with(one);
    pace.pick(first, 0, 1);

    Context picked = pace.pick(first, 0, 2);
    assertThat(Baggage.fromContext(picked)).isSameAs(one);
    assertThat(Span.fromContext(picked).getSpanContext().isValid()).isFalse();
    assertThat(pace.pick(first, 0, 3)).as("made once").isSameAs(picked);
    assertThat(Baggage.fromContext(pace.pick(span.with(two), 0, 4))).isSameAs(two);
    assertThat(pace.pick(span, 0, 5)).isSameAs(Context.root());
  }

  @Test
  void aClockMayBeginBelowZero() {
    assertThat(pace.pick(span, 0, -2 * SECOND)).isSameAs(span);
    assertThat(pace.pick(span, 0, -2 * SECOND + 1)).isSameAs(Context.root());
    assertThat(pace.pick(span, 0, 0)).isSameAs(span);
    assertThat(pace.pick(span, 0, 1)).isSameAs(Context.root());
  }
}
