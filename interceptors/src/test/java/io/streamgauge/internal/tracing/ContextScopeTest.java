package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TestTrace;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** What is current on a thread while a callback runs, and afterwards what was there before. */
@UnitTest
class ContextScopeTest {

  private static final ContextKey<String> KEY = ContextKey.named("test");

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
  private final ContextScope scope = new ContextScope();
  private final Guard guard = new Guard();
  private final MdcScope mdc = new MdcScope(scope, new Mdc(guard));

  @AfterEach
  void nothingIsLeftOnTheThread() {
    MDC.clear();
    assertThat(Context.current()).isSameAs(Context.root());
    assertThat(guard.faults()).isEmpty();
  }

  @Test
  void aStreamWithoutAContextMakesNoneCurrent() {
    assertThat(scope.enter(stream)).isNull();
  }

  @Test
  void theStreamsContextIsCurrentBetweenEnterAndExit() {
    CallContext.callbacks(stream, Context.root().with(KEY, "stream"));
    Object entered = scope.enter(stream);
    assertThat(Context.current().get(KEY)).isEqualTo("stream");
    scope.exit(stream, entered);

    assertThat(Context.current().get(KEY)).isNull();
  }

  @Test
  void whatIsCurrentAlreadyNeedsNoScope() {
    Context context = Context.root().with(KEY, "stream");
    CallContext.callbacks(stream, context);
    try (Scope already = context.makeCurrent()) {
      assertThat(scope.enter(stream)).isNull();
    }
  }

  // ---- log keys ------------------------------------------------------------------------------

  @Test
  void logKeysAreSetAndThenWhatTheyWere() {
    MDC.put("trace_id", "theirs");
    MDC.put("tenant", "acme");
    TestTrace.of(stream, "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);
    CallContext.callbacks(stream, Context.root().with(KEY, "stream"));
    Object entered = mdc.enter(stream);
    assertThat(MDC.get("trace_id")).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(MDC.get("span_id")).isEqualTo("b7ad6b7169203331");
    assertThat(MDC.get("gray_tag")).isEqualTo("baseline");
    assertThat(MDC.get("tenant")).as("not ours").isEqualTo("acme");
    assertThat(Context.current().get(KEY)).isEqualTo("stream");
    mdc.exit(stream, entered);

    assertThat(MDC.get("trace_id")).isEqualTo("theirs");
    assertThat(MDC.get("span_id")).isNull();
    assertThat(MDC.get("gray_tag")).isNull();
    assertThat(MDC.get("tenant")).isEqualTo("acme");
  }

  @Test
  void aStreamWithoutATraceHidesThatOfTheThread() {
    MDC.put("trace_id", "theirs");
    Object entered = mdc.enter(stream);
    assertThat(MDC.get("trace_id")).isNull();
    mdc.exit(stream, entered);

    assertThat(MDC.get("trace_id")).isEqualTo("theirs");
  }
}
