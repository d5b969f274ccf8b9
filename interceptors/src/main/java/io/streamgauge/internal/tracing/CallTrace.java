package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TraceSlot;

/**
 * What tracing keeps on a stream. Written before the stream starts, by the one thread that has it
 * then; {@link #checkpoint} by the threads of start, watch and end.
 */
final class CallTrace implements TraceSlot {

  /** Stands for nothing kept; never written. */
  private static final CallTrace NONE = new CallTrace();

  /** The stream's span; null without one. */
  Span span;

  /** Whether another instrumentation has made the span for this call, and will end it. */
  boolean borrowed;

  /** A span that the stream's own is to be linked to; null if none. */
  SpanContext link;

  /** Where the stream's checkpoints have got to; null where it has none. */
  volatile Checkpoint checkpoint;

  private String traceId;
  private String spanId;
  private boolean sampled;

  /** Null until a message has a trace of its own; no other call pays for its fields. */
  private MessageRun messages;

  private CallTrace() {}

  private static CallTrace kept(StreamRecorder stream) {
    return (CallTrace) stream.traceSlot();
  }

  /** To read; what was never written is as in a new one. */
  @CallPath
  static CallTrace of(StreamRecorder stream) {
    CallTrace known = kept(stream);
    return known == null ? NONE : known;
  }

  /** To write; made with the first use. */
  @CallPath
  static CallTrace made(StreamRecorder stream) {
    CallTrace known = kept(stream);
    if (known == null) {
      known = new CallTrace();
      stream.traceSlot(known);
    }
    return known;
  }

  /** Remembers the ids of a valid span. */
  void identify(SpanContext ids) {
    if (ids.isValid()) {
      traceId = ids.getTraceId();
      spanId = ids.getSpanId();
      sampled = ids.isSampled();
    }
  }

  /**
   * A message has a trace of its own; called by the stream's callbacks, one after the other.
   *
   * @return how many in a row had the same, this one included
   */
  int messageInTrace(String ofMessage) {
    if (messages == null) {
      messages = new MessageRun();
    }
    if (!ofMessage.equals(messages.trace)) {
      messages.trace = ofMessage;
      messages.count = 0;
    }
    return ++messages.count;
  }

  /** Messages in a row whose own trace is the same. */
  private static final class MessageRun {
    String trace;
    int count;
  }

  @Override
  public String traceId() {
    return traceId;
  }

  @Override
  public String spanId() {
    return spanId;
  }

  @Override
  public boolean isSampled() {
    return sampled;
  }
}
