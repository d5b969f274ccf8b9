package io.streamgauge.internal.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceState;
import java.util.concurrent.TimeUnit;

/** A span of which only the ids are known: a caller's, or one that the sampler has dropped. */
public final class IdSpan extends TraceIds implements Span {

  private final TraceState state;
  private final boolean remote;

  private IdSpan(long high, long low, long spanId, int flags, TraceState state, boolean remote) {
    super(high, low, spanId, flags);
    this.state = state;
    this.remote = remote;
  }

  /** A span of another process, which has sent no trace state. */
  static IdSpan remote(long traceHigh, long traceLow, long spanId, int flags) {
    return new IdSpan(traceHigh, traceLow, spanId, flags, TraceState.getDefault(), true);
  }

  /** The ids of any span. */
  public static IdSpan of(
      long traceHigh, long traceLow, long spanId, int flags, TraceState state, boolean remote) {
    return new IdSpan(traceHigh, traceLow, spanId, flags, state, remote);
  }

  /** A span of this process that is not recorded. */
  public static IdSpan dropped(
      long traceHigh, long traceLow, long spanId, int flags, TraceState state) {
    return new IdSpan(traceHigh, traceLow, spanId, flags, state, false);
  }

  @Override
  public TraceState getTraceState() {
    return state;
  }

  @Override
  public boolean isRemote() {
    return remote;
  }

  @Override
  public SpanContext getSpanContext() {
    return this;
  }

  @Override
  public boolean isRecording() {
    return false;
  }

  @Override
  public <T> Span setAttribute(AttributeKey<T> key, T value) {
    return this;
  }

  @Override
  public Span addEvent(String name, Attributes attributes) {
    return this;
  }

  @Override
  public Span addEvent(String name, Attributes attributes, long timestamp, TimeUnit unit) {
    return this;
  }

  @Override
  public Span setStatus(StatusCode code, String description) {
    return this;
  }

  @Override
  public Span recordException(Throwable exception, Attributes attributes) {
    return this;
  }

  @Override
  public Span updateName(String name) {
    return this;
  }

  @Override
  public void end() {}

  @Override
  public void end(long timestamp, TimeUnit unit) {}

  @Override
  public String toString() {
    return "IdSpan{" + getTraceId() + ' ' + getSpanId() + '}';
  }
}
