package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * Where another instrumentation makes the span of a call, and writes the headers: the stream only
 * remembers what was current when it started, so that its exemplars lead to that span.
 */
public final class ForeignSpans {

  private ForeignSpans() {}

  /** The stream belongs to the span that is current. */
  public static void link(StreamRecorder stream) {
    Context context = Context.current();
    CallContext.callbacks(stream, context);
    CallContext.measured(stream, context);
    CallTrace.made(stream).identify(Span.fromContext(context));
  }
}
