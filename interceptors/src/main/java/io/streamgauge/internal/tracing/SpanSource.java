package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.stream.StreamRecorder;
import java.time.Instant;

/** Port: another way to a call's span than the builder of the OpenTelemetry API. */
public interface SpanSource {

  /**
   * Starts the span of a call.
   *
   * @param parent the context whose span is the parent
   * @param authority who is called, or null
   * @param link a span to be linked to, or null
   * @param since when the call began; null for now
   * @return null where the builder is to make this one
   */
  Span start(
      StreamRecorder stream,
      SpanKind kind,
      Context parent,
      String authority,
      SpanContext link,
      Instant since);

  /**
   * Ends a span, with what is known of its call then.
   *
   * @param nowNanos by the clock of the streams
   * @return false if this source did not make it
   */
  boolean end(StreamRecorder stream, Span span, long nowNanos);
}
