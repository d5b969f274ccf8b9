package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.streamgauge.internal.stream.TraceSlot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The ids of a span as numbers; their text is made when it is asked for. It equals any span context
 * with the same values; one of OpenTelemetry's own class equals its own class only.
 */
public abstract class TraceIds implements SpanContext, TraceSlot {

  /** Bits of the trace flags (W3C Trace Context, level 2). */
  public static final int SAMPLED = 1;

  public static final int RANDOM = 2;

  public final long traceHigh;
  public final long traceLow;
  public final long spanId;
  private final byte traceFlags;

  protected TraceIds(long traceHigh, long traceLow, long spanId, int traceFlags) {
    this.traceHigh = traceHigh;
    this.traceLow = traceLow;
    this.spanId = spanId;
    this.traceFlags = (byte) traceFlags;
  }

  /** The trace flags as one byte. */
  public final byte flags() {
    return traceFlags;
  }

  @Override
  public final String getTraceId() {
    return traceId(traceHigh, traceLow);
  }

  @Override
  public final String getSpanId() {
    return spanId(spanId);
  }

  // For a stream that has no more of a trace than its span.

  @Override
  public final String traceId() {
    return getTraceId();
  }

  @Override
  public final long traceNumber() {
    return traceLow;
  }

  @Override
  public final String spanId() {
    return getSpanId();
  }

  @Override
  public final TraceFlags getTraceFlags() {
    return TraceFlags.fromByte(traceFlags);
  }

  @Override
  public final boolean isSampled() {
    return (traceFlags & SAMPLED) != 0;
  }

  @Override
  public final boolean isValid() {
    return (traceHigh | traceLow) != 0 && spanId != 0;
  }

  @Override
  public abstract TraceState getTraceState();

  @Override
  public final boolean equals(Object other) {
    if (other == this) {
      return true;
    }
    if (!(other instanceof SpanContext)) {
      return false;
    }
    SpanContext that = (SpanContext) other;
    return that.isRemote() == isRemote()
        && that.getSpanId().equals(getSpanId())
        && that.getTraceId().equals(getTraceId())
        && that.getTraceFlags().equals(getTraceFlags())
        && that.getTraceState().equals(getTraceState());
  }

  @Override
  public final int hashCode() {
    return Long.hashCode(spanId);
  }

  /** A number to make an id of; an id of zeros is none. */
  public static long nonZero(ThreadLocalRandom random) {
    long drawn = random.nextLong();
    while (drawn == 0) {
      drawn = random.nextLong();
    }
    return drawn;
  }

  // ---- ids as text ---------------------------------------------------------------------------

  // OpenTelemetry's own makers of ids write into a buffer of the thread in which a propagator may
  // be putting its header together while it asks for the ids.

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

  /** By ASCII character; a table, for a call has 48 of them to read. */
  private static final byte[] VALUES = new byte[128];

  static {
    Arrays.fill(VALUES, (byte) -1);
    for (int i = 0; i < DIGITS.length; i++) {
      VALUES[DIGITS[i]] = (byte) i;
    }
  }

  /** 32 hex digits. */
  public static String traceId(long high, long low) {
    byte[] text = new byte[32];
    write(text, 0, high);
    write(text, 16, low);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** 16 hex digits. */
  public static String spanId(long id) {
    byte[] text = new byte[16];
    write(text, 0, id);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** Writes sixteen hex digits. */
  static void write(byte[] text, int from, long value) {
    write(text, from, 16, value);
  }

  /** Writes the last digits of a number. */
  static void write(byte[] text, int from, int digits, long value) {
    long left = value;
    for (int i = from + digits - 1; i >= from; i--) {
      text[i] = DIGITS[(int) left & 15];
      left >>>= 4;
    }
  }

  /** Whether it is the id of a trace: 32 lower-case hex digits, not all of them 0. */
  public static boolean isTraceId(String text) {
    return text.length() == 32 && isHex(text, 0, 32) && (read(text, 0) | read(text, 16)) != 0;
  }

  /** Whether it is the id of a span: 16 lower-case hex digits, not all of them 0. */
  public static boolean isSpanId(String text) {
    return text.length() == 16 && isHex(text, 0, 16) && read(text, 0) != 0;
  }

  /** Whether that many lower-case hex digits can be read from there. */
  static boolean isHex(String text, int from, int digits) {
    if (text.length() < from + digits) {
      return false;
    }
    for (int i = from; i < from + digits; i++) {
      if (digit(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Sixteen hex digits, which {@link #isHex(String, int, int)} has found. */
  public static long read(String text, int from) {
    long value = 0;
    for (int i = from; i < from + 16; i++) {
      value = value << 4 | digit(text.charAt(i));
    }
    return value;
  }

  /** The value of a lower-case hex digit; negative for any other character. */
  static int digit(int c) {
    return (c & ~(VALUES.length - 1)) == 0 ? VALUES[c] : -1;
  }
}
