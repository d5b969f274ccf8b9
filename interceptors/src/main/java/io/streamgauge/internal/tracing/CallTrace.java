package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TraceSlot;

/**
 * What tracing keeps on a stream. Of a unary call that is no more than its span, if that is one of
 * ours: then the span itself is kept in this one's place. Written before the stream starts, by the
 * one thread that has it then; {@link #checkpoint} by the threads of start, watch and end.
 */
final class CallTrace implements TraceSlot {

  /** Stands for nothing kept; never written. */
  private static final CallTrace NONE = new CallTrace();

  private Span span;

  /** Whether another instrumentation has made the span for this call, and will end it. */
  private boolean borrowed;

  /** Whether {@link #span} is one around the call, which has none. */
  private boolean identified;

  /** Where the stream's checkpoints have got to; null where it has none. */
  volatile Checkpoint checkpoint;

  /** Null until one of its parts is there; no plain call pays for its fields. */
  private volatile Rare rare;

  private CallTrace() {}

  /** To read; what was never written is as in a new one. */
  @CallPath
  private static CallTrace of(StreamRecorder stream) {
    TraceSlot slot = stream.traceSlot();
    return slot instanceof CallTrace ? (CallTrace) slot : NONE;
  }

  /** The stream's span; null without one. */
  @CallPath
  static Span span(StreamRecorder stream) {
    TraceSlot slot = stream.traceSlot();
    if (slot instanceof Span) {
      return (Span) slot;
    }
    CallTrace known = of(stream);
    return known.identified ? null : known.span;
  }

  /** The stream's span; null without one, and where another instrumentation has made it. */
  static Span ownSpan(StreamRecorder stream) {
    return isBorrowed(stream) ? null : span(stream);
  }

  /** Whether another instrumentation has made the stream's span. */
  @CallPath
  static boolean isBorrowed(StreamRecorder stream) {
    return of(stream).borrowed;
  }

  /** A span that the stream's own is to be linked to; null if none. */
  static SpanContext link(StreamRecorder stream) {
    Rare known = of(stream).rare;
    return known == null ? null : known.link;
  }

  /** Where the stream's checkpoints have got to; null where it has none. */
  static Checkpoint checkpoint(StreamRecorder stream) {
    return of(stream).checkpoint;
  }

  /** Whether that span is of the stream's trace. */
  static boolean isTraceOf(StreamRecorder stream, SpanContext other) {
    TraceSlot slot = stream.traceSlot();
    SpanContext own = slot instanceof TraceIds ? (TraceIds) slot : of(stream).ids();
    if (own instanceof TraceIds && other instanceof TraceIds) {
      TraceIds one = (TraceIds) own;
      TraceIds two = (TraceIds) other;
      return one.traceHigh == two.traceHigh && one.traceLow == two.traceLow;
    }
    return other.getTraceId().equals(stream.traceId());
  }

  /** The stream has that span, of this process. */
  static void span(StreamRecorder stream, Span span) {
    if (stream.traceSlot() == null && stream.isUnary() && span instanceof TraceIds) {
      stream.traceSlot((TraceIds) span);
    } else {
      made(stream).span = span;
    }
  }

  /** To write; made with the first use. */
  @CallPath
  static CallTrace made(StreamRecorder stream) {
    TraceSlot slot = stream.traceSlot();
    if (slot instanceof CallTrace) {
      return (CallTrace) slot;
    }
    CallTrace made = new CallTrace();
    made.span = span(stream);
    stream.traceSlot(made);
    return made;
  }

  /** Another instrumentation has made a span for this call, and will end it. */
  void borrow(Span other) {
    span = other;
    borrowed = true;
  }

  /** No span is made for this call; it shows the ids of that one. */
  void identify(Span around) {
    span = around;
    identified = true;
  }

  /** The stream's own span is to be linked to that one; null for none. */
  void link(SpanContext other) {
    if (other != null) {
      rare().link = other;
    }
  }

  /**
   * Two threads may come here at once, for the text of ids: what one of them keeps is lost then.
   */
  private Rare rare() {
    Rare known = rare;
    if (known == null) {
      known = new Rare();
      rare = known;
    }
    return known;
  }

  /**
   * A message has a trace of its own; called by the stream's callbacks, one after the other.
   *
   * @return how many in a row had the same, this one included
   */
  int messageInTrace(String ofMessage) {
    Rare known = rare();
    if (!ofMessage.equals(known.messageTrace)) {
      known.messageTrace = ofMessage;
      known.messages = 0;
    }
    return ++known.messages;
  }

  private SpanContext ids() {
    Span known = span;
    SpanContext ids = known == null ? null : known.getSpanContext();
    return ids != null && ids.isValid() ? ids : null;
  }

  // The text is kept: logs and carriers ask for it with each message.

  @Override
  public String traceId() {
    SpanContext ids = ids();
    if (!(ids instanceof TraceIds)) {
      return ids == null ? null : ids.getTraceId();
    }
    Rare known = rare();
    String text = known.traceId;
    if (text == null) {
      text = ids.getTraceId();
      known.traceId = text;
    }
    return text;
  }

  @Override
  public String spanId() {
    SpanContext ids = ids();
    if (!(ids instanceof TraceIds)) {
      return ids == null ? null : ids.getSpanId();
    }
    Rare known = rare();
    String text = known.spanId;
    if (text == null) {
      text = ids.getSpanId();
      known.spanId = text;
    }
    return text;
  }

  @Override
  public long traceNumber() {
    SpanContext ids = ids();
    if (ids instanceof TraceIds) {
      return ((TraceIds) ids).traceLow;
    }
    String text = ids == null ? null : ids.getTraceId();
    return text != null && TraceIds.isHex(text, 0, 32) ? TraceIds.read(text, 16) : 0;
  }

  @Override
  public boolean isSampled() {
    SpanContext ids = ids();
    return ids != null && ids.isSampled();
  }

  /** What few streams have. */
  private static final class Rare {
    SpanContext link;
    String traceId;
    String spanId;

    // Messages in a row whose own trace is the same.

    String messageTrace;
    int messages;
  }
}
