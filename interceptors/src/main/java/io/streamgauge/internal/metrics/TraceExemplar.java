package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.StreamRecorder;

/** One observation with the trace it came from; only made for sampled traces. */
public final class TraceExemplar {

  /** Viewers show exemplars of the time range in view; an older one would be left out. */
  private static final long FRESH_MILLIS = 10_000;

  private final double value;
  private final long timestampMillis;
  private final String traceId;
  private final String spanId;

  private TraceExemplar(double value, String traceId, String spanId) {
    this.value = value;
    this.timestampMillis = System.currentTimeMillis();
    this.traceId = traceId;
    this.spanId = spanId;
  }

  /** Null when the stream's trace is not recorded: a link to it would show nothing. */
  static TraceExemplar of(double value, StreamRecorder stream) {
    return stream.sampled() && stream.traceId() != null
        ? new TraceExemplar(value, stream.traceId(), stream.spanId())
        : null;
  }

  /** Whether it says what one of this stream would say now. */
  boolean isFreshOf(StreamRecorder stream) {
    return spanId.equals(stream.spanId())
        && System.currentTimeMillis() - timestampMillis < FRESH_MILLIS;
  }

  public double value() {
    return value;
  }

  public long timestampMillis() {
    return timestampMillis;
  }

  public String traceId() {
    return traceId;
  }

  public String spanId() {
    return spanId;
  }
}
