package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.StreamRecorder;
import java.util.concurrent.TimeUnit;

/** One observation with the trace it came from; only made for sampled traces. */
public final class TraceExemplar {

  /** Viewers show exemplars of the time range in view; an older one would be left out. */
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long one stands whatever comes: viewers show points, and cannot show one per call. */
  private static final long RENEWED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final double value;
  private final long timestampMillis;
  private final String traceId;
  private final String spanId;

  /** By the clock of the streams. */
  private final long madeNanos;

  private TraceExemplar(double value, StreamRecorder stream) {
    this.value = value;
    this.timestampMillis = System.currentTimeMillis();
    this.madeNanos = stream.now();
    this.traceId = stream.traceId();
    this.spanId = stream.spanId();
  }

  /** Null when the stream's trace is not recorded: a link to it would show nothing. */
  static TraceExemplar of(double value, StreamRecorder stream) {
    return stream.sampled() && stream.traceId() != null ? new TraceExemplar(value, stream) : null;
  }

  /** The later one of two, each of which may be null. */
  static TraceExemplar latest(TraceExemplar one, TraceExemplar other) {
    return one == null || (other != null && other.timestampMillis > one.timestampMillis)
        ? other
        : one;
  }

  /** Whether it shows as much as one of this stream would now. */
  boolean isFresh(StreamRecorder stream, long nowNanos) {
    long age = nowNanos - madeNanos;
    return age < RENEWED_NANOS || (age < FRESH_NANOS && spanId.equals(stream.spanId()));
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
