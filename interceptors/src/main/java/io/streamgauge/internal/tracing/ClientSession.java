package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.SpanContext;
import io.streamgauge.ReconnectSession;

/** Remembers the span of the stream before. All fields are guarded by this object. */
public final class ClientSession implements ReconnectSession {

  private SpanContext last;
  private long streams;

  /** The span of the stream before; null for the first. */
  public synchronized SpanContext last() {
    return last;
  }

  /** Leaves the span for the next stream; returns how many there were, this one included. */
  synchronized long next(SpanContext span) {
    last = span;
    return ++streams;
  }
}
