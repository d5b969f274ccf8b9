package io.streamgauge.internal.tracing;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.streamgauge.ReconnectSession;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.grpc.CallKeys;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import java.time.Instant;
import java.util.Collection;

/**
 * One span per call and side, by the RPC semantic conventions 1.45.0: started with the headers,
 * ended at the stream's one end. Nothing is added to it per message.
 */
public final class CallSpans implements StreamListener {

  private final Tracer tracer;

  /** Null where every span is made by the tracer's builder. */
  private final SpanSource source;

  private final RequestMetadata metadata;
  private final UpstreamSpanKeys keys = UpstreamSpanKeys.find();

  /**
   * Makes spans.
   *
   * @param source asked first for the span of a call; null for none
   * @param metadata names of request metadata to keep as attributes
   */
  public CallSpans(Tracer tracer, SpanSource source, Collection<String> metadata) {
    this.tracer = tracer;
    this.source = source;
    this.metadata = new RequestMetadata(metadata);
  }

  /** A server's call has arrived, and its trace and tag are known: its span begins. */
  @CallPath
  public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
    Context context = CallContext.callbacks(stream);
    if (CallTrace.isBorrowed(stream)) {
      CallContext.measured(stream, context);
      return;
    }
    boolean fresh = !Span.fromContext(context).getSpanContext().isValid();
    Span span = start(stream, SpanKind.SERVER, call.getAuthority(), null);
    metadata.capture(headers, span);
    if (fresh) {
      context = RequestMetadata.requestId(headers, span, context);
    }
    context = CallContext.with(stream, context, span);
    CallContext.measured(stream, context);
    CallContext.callbacks(
        stream, keys == null ? context : keys.store(context, SpanKind.SERVER, span));
  }

  /** A call that died before an interceptor saw it: a span from its birth to now. */
  public void unstarted(StreamRecorder stream) {
    if (stream.method() != WatchedMethod.OTHER) {
      long age = stream.now() - stream.startNanos();
      start(stream, SpanKind.SERVER, null, Instant.now().minusNanos(age));
    }
  }

  /** A client's call is about to start, and its tag is known: its span begins. */
  @CallPath
  public void clientHeaders(
      StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
    if (CallTrace.isBorrowed(stream)) {
      CallContext.own(stream, CallTrace.span(stream));
      return;
    }
    ReconnectSession given = options.getOption(CallKeys.SESSION);
    ClientSession session = given instanceof ClientSession ? (ClientSession) given : null;
    if (session != null) {
      CallTrace.made(stream).link(session.last());
    }
    String override = options.getAuthority();
    Span span = start(stream, SpanKind.CLIENT, override == null ? authority : override, null);
    CallContext.own(stream, span);
    metadata.capture(headers, span);
    if (session != null) {
      span.setAttribute(SpanAttributes.SESSION_STREAM, session.next(idsOf(span)));
    }
  }

  @CallPath
  private Span start(StreamRecorder stream, SpanKind kind, String authority, Instant since) {
    Context parent = CallContext.callbacks(stream);
    SpanContext link = CallTrace.link(stream);
    Span made = source == null ? null : source.start(stream, kind, parent, authority, link, since);
    Span span = made == null ? build(stream, kind, parent, authority, link, since) : made;
    CallTrace.span(stream, span);
    return span;
  }

  private Span build(
      StreamRecorder stream,
      SpanKind kind,
      Context parent,
      String authority,
      SpanContext link,
      Instant since) {
    String name = stream.method().fullName();
    SpanBuilder builder =
        tracer
            .spanBuilder(name)
            .setSpanKind(kind)
            .setParent(CallContext.lasting(parent))
            .setAttribute(SpanAttributes.SYSTEM, "grpc")
            .setAttribute(SpanAttributes.METHOD, name);
    if (link != null) {
      builder.addLink(link);
    }
    address(authority, builder::setAttribute);
    if (since != null) {
      builder.setStartTimestamp(since);
    }
    return builder.startSpan();
  }

  /** Without the span, which the session would keep otherwise. */
  private static SpanContext idsOf(Span span) {
    SpanContext ids = span.getSpanContext();
    return SpanContext.create(
        ids.getTraceId(), ids.getSpanId(), ids.getTraceFlags(), ids.getTraceState());
  }

  /** Tells who is called, as attributes of its span; nothing for null. */
  public static void address(String authority, CallEnd.Sink sink) {
    if (authority == null) {
      return;
    }
    int colon = authority.lastIndexOf(':');
    boolean port = colon > 0 && authority.indexOf(']', colon) < 0;
    if (port) {
      try {
        sink.put(SpanAttributes.PORT, Long.parseLong(authority.substring(colon + 1)));
      } catch (NumberFormatException e) {
        port = false;
      }
    }
    sink.put(SpanAttributes.ADDRESS, port ? authority.substring(0, colon) : authority);
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream, long nowNanos) {
    Span span = CallTrace.ownSpan(stream);
    if (span == null || (source != null && source.end(stream, span, nowNanos))) {
      return;
    }
    CallEnd.tell(stream, span::setAttribute);
    if (CallEnd.isError(stream)) {
      span.setStatus(StatusCode.ERROR, CallEnd.description(stream));
    }
    if (stream.isEndedLate()) {
      span.end(Instant.now().minusNanos(nowNanos - stream.endNanos(nowNanos)));
    } else {
      span.end();
    }
  }

  @Override
  public void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {
    Span span = event == LaneEvent.ROUTED ? CallTrace.ownSpan(stream) : null;
    if (span != null) {
      span.setAttribute(SpanAttributes.OUTCOME, detail);
    }
  }
}
