package io.streamgauge.internal.tracing;

import io.grpc.Metadata;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.streamgauge.internal.grpc.HeaderBytes;
import io.streamgauge.internal.guard.CallPath;

/**
 * The header {@code traceparent} as bytes, read and written without any text (W3C Trace Context,
 * level 2). Equal to what OpenTelemetry's propagator for it reads and writes; anything beyond that
 * header is left to the propagator.
 */
final class W3cHeaders {

  /** {@code 00-}, 32 digits, {@code -}, 16 digits, {@code -}, 2 digits. */
  private static final int LENGTH = 55;

  private static final int TRACE = 3;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;

  private static final Metadata.Key<byte[]> TRACEPARENT = HeaderBytes.key("traceparent");

  private static final Metadata.Key<String> TRACESTATE =
      Metadata.Key.of("tracestate", Metadata.ASCII_STRING_MARSHALLER);

  /** Whether baggage is propagated besides the trace. */
  final boolean baggage;

  private W3cHeaders(boolean baggage) {
    this.baggage = baggage;
  }

  /** Null for any propagator but W3C's for the trace, alone or with that for baggage. */
  static W3cHeaders of(TextMapPropagator propagator) {
    TextMapPropagator trace = W3CTraceContextPropagator.getInstance();
    if (propagator == trace) {
      return new W3cHeaders(false);
    }
    TextMapPropagator both = TextMapPropagator.composite(trace, W3CBaggagePropagator.getInstance());
    // The class of composites is OpenTelemetry's own, and says what it is made of.
    return propagator.getClass() == both.getClass() && propagator.toString().equals(both.toString())
        ? new W3cHeaders(true)
        : null;
  }

  /** The one {@code traceparent}; null for none, and for more than one. */
  @CallPath
  static byte[] sent(Metadata headers) {
    return HeaderBytes.only(headers, TRACEPARENT);
  }

  /** Whether there is any {@code traceparent}. */
  static boolean isSent(Metadata headers) {
    return headers.containsKey(TRACEPARENT);
  }

  /** Whether the propagator itself has to read the trace. */
  @CallPath
  static boolean isMore(Metadata headers) {
    return headers.containsKey(TRACESTATE);
  }

  /** The caller's span; null where there is none that is valid. */
  @CallPath
  static IdSpan parse(byte[] text) {
    if (text.length < LENGTH
        || text[TRACE - 1] != '-'
        || text[SPAN - 1] != '-'
        || text[FLAGS - 1] != '-') {
      return null;
    }
    int version = pair(text, 0);
    int flags = pair(text, FLAGS);
    // A later version may have more, after a hyphen; 255 is none.
    if (version < 0 || version == 0xff || flags < 0) {
      return null;
    }
    if (text.length > LENGTH && (version == 0 || text[LENGTH] != '-')) {
      return null;
    }
    long high = 0;
    long low = 0;
    long span = 0;
    int all = 0;
    for (int i = 0; i < 16; i++) {
      int one = TraceIds.digit(text[TRACE + i]);
      int two = TraceIds.digit(text[TRACE + 16 + i]);
      int three = TraceIds.digit(text[SPAN + i]);
      all |= one | two | three; // negative once one of them is no digit
      high = high << 4 | one;
      low = low << 4 | two;
      span = span << 4 | three;
    }
    if (all < 0 || (high | low) == 0 || span == 0) {
      return null;
    }
    return IdSpan.remote(high, low, span, flags);
  }

  /** Two hex digits; negative for anything else. */
  private static int pair(byte[] text, int from) {
    int high = TraceIds.digit(text[from]);
    int low = TraceIds.digit(text[from + 1]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /**
   * Makes the header say these ids, once.
   *
   * @param none whether there is no header yet
   */
  @CallPath
  static void write(Metadata headers, TraceIds ids, boolean none) {
    if (!none) {
      headers.discardAll(TRACEPARENT);
    }
    headers.put(TRACEPARENT, text(ids));
  }

  static byte[] text(TraceIds ids) {
    byte[] text = new byte[LENGTH];
    text[0] = '0';
    text[1] = '0';
    text[TRACE - 1] = '-';
    TraceIds.write(text, TRACE, ids.traceHigh);
    TraceIds.write(text, TRACE + 16, ids.traceLow);
    text[SPAN - 1] = '-';
    TraceIds.write(text, SPAN, ids.spanId);
    text[FLAGS - 1] = '-';
    TraceIds.write(text, FLAGS, 2, ids.flags());
    return text;
  }
}
