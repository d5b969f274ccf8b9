package io.streamgauge.internal.stream;

/** Where tracing keeps its state of a stream. The ids are for every package to show. */
public interface TraceSlot {

  /** 32 hex digits, or null when the stream has no trace. */
  String traceId();

  /** The lower half of the trace id; 0 when the stream has no trace. */
  long traceNumber();

  /** 16 hex digits, or null when the stream has no trace. */
  String spanId();

  /** Whether the trace is recorded; a link to one that is not shows nothing. */
  boolean isSampled();
}
