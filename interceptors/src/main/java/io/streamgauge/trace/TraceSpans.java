package io.streamgauge.trace;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.streamgauge.stream.StreamListener;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.stream.StreamStatus;
import io.streamgauge.wire.HeaderHook;

/**
 * One span per call and side, by the RPC semantic conventions 1.45.0: started with the headers,
 * ended at the stream's one end. Nothing is added to it per message.
 */
public final class TraceSpans implements HeaderHook, StreamListener {

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system.name");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<String> STATUS = AttributeKey.stringKey("rpc.status_code");
  private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> ADDRESS = AttributeKey.stringKey("server.address");
  private static final AttributeKey<Long> PORT = AttributeKey.longKey("server.port");
  private static final AttributeKey<Long> SENT = AttributeKey.longKey("grpc.stream.msg_sent");
  private static final AttributeKey<Long> RECEIVED =
      AttributeKey.longKey("grpc.stream.msg_received");
  private static final AttributeKey<String> LANE = AttributeKey.stringKey("gray.tag");

  private final Tracer tracer;

  public TraceSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
    start(stream, SpanKind.SERVER, call.getAuthority());
    stream.context(((Context) stream.context()).with((Span) stream.span()));
  }

  @Override
  public void clientHeaders(
      StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
    String override = options.getAuthority();
    start(stream, SpanKind.CLIENT, override == null ? authority : override);
  }

  private void start(StreamRecorder stream, SpanKind kind, String authority) {
    String name = stream.method().fullName();
    SpanBuilder builder =
        tracer
            .spanBuilder(name)
            .setSpanKind(kind)
            .setParent((Context) stream.context())
            .setAttribute(SYSTEM, "grpc")
            .setAttribute(METHOD, name);
    address(builder, authority);
    Span span = builder.startSpan();
    stream.span(span);
    SpanContext ids = span.getSpanContext();
    if (ids.isValid()) {
      stream.trace(ids.getTraceId(), ids.getSpanId(), ids.isSampled());
    }
  }

  private static void address(SpanBuilder builder, String authority) {
    if (authority == null) {
      return;
    }
    int colon = authority.lastIndexOf(':');
    boolean port = colon > 0 && authority.indexOf(']', colon) < 0;
    if (port) {
      try {
        builder.setAttribute(PORT, Long.parseLong(authority.substring(colon + 1)));
      } catch (NumberFormatException e) {
        port = false;
      }
    }
    builder.setAttribute(ADDRESS, port ? authority.substring(0, colon) : authority);
  }

  @Override
  public void ended(StreamRecorder stream) {
    Span span = (Span) stream.span();
    if (span == null) {
      return;
    }
    String code = StreamStatus.name(stream.code());
    span.setAttribute(STATUS, code);
    span.setAttribute(SENT, stream.sent());
    span.setAttribute(RECEIVED, stream.received());
    if (!StreamRecorder.BASELINE.equals(stream.lane())) {
      span.setAttribute(LANE, stream.lane());
    }
    if (StreamStatus.isError(stream.side(), stream.code())) {
      span.setAttribute(ERROR_TYPE, code);
      String description = stream.description();
      span.setStatus(StatusCode.ERROR, description == null ? "" : description);
    }
    span.end();
  }
}
