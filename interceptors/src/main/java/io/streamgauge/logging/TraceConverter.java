package io.streamgauge.logging;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.tagging.GrpcTagContext;
import io.streamgauge.internal.tracing.RequestMetadata;

/**
 * A conversion word for Logback's patterns. It reads the current context when the line is written:
 * {@code %trace} gives {@code trace_id=… span_id=…} and, where there are, {@code gray_tag=…} and
 * {@code request_id=…}; {@code %trace{trace_id}} gives one value. Nothing where no span is current.
 * Declared in the configuration with {@code <conversionRule conversionWord="trace" converterClass=
 * "io.streamgauge.logging.TraceConverter"/>}.
 *
 * <p>It must run on the thread that logs: behind an asynchronous appender use {@code
 * streamgauge.mdc} instead, whose values Logback carries over.
 */
public final class TraceConverter extends ClassicConverter {

  @Override
  public String convert(ILoggingEvent event) {
    SpanContext ids = Span.current().getSpanContext();
    String only = getFirstOption();
    if (only != null) {
      String value = value(only, ids);
      return value == null ? "" : value;
    }
    StringBuilder line = new StringBuilder();
    for (String key : LogKeys.ALL) {
      String value = value(key, ids);
      if (value != null) {
        line.append(line.length() == 0 ? "" : " ").append(key).append('=').append(value);
      }
    }
    return line.toString();
  }

  private static String value(String key, SpanContext ids) {
    switch (key) {
      case LogKeys.TRACE_ID:
        return ids.isValid() ? ids.getTraceId() : null;
      case LogKeys.SPAN_ID:
        return ids.isValid() ? ids.getSpanId() : null;
      case LogKeys.GRAY_TAG:
        GrayTag tag = GrpcTagContext.find();
        return tag == null ? null : tag.value();
      case LogKeys.REQUEST_ID:
        return RequestMetadata.requestId();
      default:
        return null;
    }
  }
}
