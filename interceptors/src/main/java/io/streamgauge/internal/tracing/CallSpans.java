package io.streamgauge.internal.tracing;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.streamgauge.CallType;
import io.streamgauge.ReconnectSession;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.grpc.CallKeys;
import io.streamgauge.internal.grpc.HeaderPort;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.Connection;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StatusCodes;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import io.streamgauge.internal.tagging.Tags;
import java.time.Instant;
import java.util.Collection;

/**
 * One span per call and side, by the RPC semantic conventions 1.45.0: started with the headers,
 * ended at the stream's one end. Nothing is added to it per message.
 */
public final class CallSpans implements HeaderPort, StreamListener {

  private final Tracer tracer;
  private final RequestMetadata metadata;
  private final UpstreamSpanKeys keys = UpstreamSpanKeys.find();

  /**
   * Makes spans.
   *
   * @param metadata names of request metadata to keep as attributes
   */
  public CallSpans(Tracer tracer, Collection<String> metadata) {
    this.tracer = tracer;
    this.metadata = new RequestMetadata(metadata);
  }

  @Override
  @CallPath
  public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
    CallTrace state = CallTrace.made(stream);
    Context context = CallContext.callbacks(stream);
    if (state.borrowed) {
      state.identify(state.span.getSpanContext());
      CallContext.measured(stream, context);
      return;
    }
    boolean fresh = !Span.fromContext(context).getSpanContext().isValid();
    start(stream, SpanKind.SERVER, call.getAuthority());
    Span span = state.span;
    metadata.capture(headers, span);
    if (fresh) {
      context = RequestMetadata.requestId(headers, span, context);
    }
    context = context.with(span);
    CallContext.measured(stream, context);
    CallContext.callbacks(
        stream, keys == null ? context : keys.store(context, SpanKind.SERVER, span));
  }

  /** A call that died before an interceptor saw it: a span from its birth to now. */
  @Override
  public void unstartedHeaders(StreamRecorder stream, Metadata headers) {
    if (stream.method() != WatchedMethod.OTHER) {
      long age = stream.now() - stream.startNanos();
      start(stream, SpanKind.SERVER, null, Instant.now().minusNanos(age));
    }
  }

  @Override
  @CallPath
  public void clientHeaders(
      StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
    CallTrace state = CallTrace.made(stream);
    if (state.borrowed) {
      state.identify(state.span.getSpanContext());
      CallContext.measured(stream, CallContext.callbacks(stream).with(state.span));
      return;
    }
    ReconnectSession given = options.getOption(CallKeys.SESSION);
    ClientSession session = given instanceof ClientSession ? (ClientSession) given : null;
    if (session != null) {
      state.link = session.last();
    }
    String override = options.getAuthority();
    start(stream, SpanKind.CLIENT, override == null ? authority : override);
    Span span = state.span;
    CallContext.measured(stream, CallContext.callbacks(stream).with(span));
    metadata.capture(headers, span);
    if (session != null) {
      span.setAttribute(SpanAttributes.SESSION_STREAM, session.next(span.getSpanContext()));
    }
  }

  private void start(StreamRecorder stream, SpanKind kind, String authority) {
    start(stream, kind, authority, null);
  }

  @CallPath
  private void start(StreamRecorder stream, SpanKind kind, String authority, Instant since) {
    String name = stream.method().fullName();
    SpanBuilder builder =
        tracer
            .spanBuilder(name)
            .setSpanKind(kind)
            .setParent(CallContext.callbacks(stream))
            .setAttribute(SpanAttributes.SYSTEM, "grpc")
            .setAttribute(SpanAttributes.METHOD, name);
    CallTrace state = CallTrace.made(stream);
    if (state.link != null) {
      builder.addLink(state.link);
    }
    address(builder, authority);
    if (since != null) {
      builder.setStartTimestamp(since);
    }
    state.span = builder.startSpan();
    state.identify(state.span.getSpanContext());
  }

  private static void address(SpanBuilder builder, String authority) {
    if (authority == null) {
      return;
    }
    int colon = authority.lastIndexOf(':');
    boolean port = colon > 0 && authority.indexOf(']', colon) < 0;
    if (port) {
      try {
        builder.setAttribute(SpanAttributes.PORT, Long.parseLong(authority.substring(colon + 1)));
      } catch (NumberFormatException e) {
        port = false;
      }
    }
    builder.setAttribute(SpanAttributes.ADDRESS, port ? authority.substring(0, colon) : authority);
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream) {
    CallTrace state = CallTrace.of(stream);
    Span span = state.span;
    if (span == null || state.borrowed) {
      return;
    }
    String code = StatusCodes.name(stream.code());
    span.setAttribute(SpanAttributes.STATUS, code);
    peer(span, stream.connection());
    totals(span, stream);
    GrayTag tag = Tags.of(stream);
    if (tag != null) {
      span.setAttribute(SpanAttributes.TAG, tag.value());
      span.setAttribute(SpanAttributes.TAG_SOURCE, tag.source().label());
    }
    if (StatusCodes.isError(stream.side(), stream.code())) {
      span.setAttribute(SpanAttributes.ERROR_TYPE, code);
      String description = stream.description();
      span.setStatus(StatusCode.ERROR, description == null ? "" : DisplayText.line(description));
    }
    if (stream.isEndedLate()) {
      span.end(Instant.now().minusNanos(stream.now() - stream.endNanos()));
    } else {
      span.end();
    }
  }

  private static void peer(Span span, Connection connection) {
    if (connection == null || connection.transport() == null) {
      return;
    }
    span.setAttribute(SpanAttributes.TRANSPORT, connection.transport());
    span.setAttribute(SpanAttributes.PEER_ADDRESS, connection.peerAddress());
    if (connection.peerPort() > 0) {
      span.setAttribute(SpanAttributes.PEER_PORT, connection.peerPort());
    }
  }

  @Override
  public void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {
    CallTrace state = CallTrace.of(stream);
    if (event == LaneEvent.ROUTED && state.span != null && !state.borrowed) {
      state.span.setAttribute(SpanAttributes.OUTCOME, detail);
    }
  }

  private static void totals(Span span, StreamRecorder stream) {
    span.setAttribute(SpanAttributes.SENT, stream.sent());
    span.setAttribute(SpanAttributes.RECEIVED, stream.received());
    long out = stream.wireOut();
    long in = stream.wireIn();
    if (stream.executorKnown() && out + in > 0) {
      span.setAttribute(SpanAttributes.BYTES_SENT, out);
      span.setAttribute(SpanAttributes.BYTES_RECEIVED, in);
    }
    if (stream.method().type() != CallType.UNARY) {
      span.setAttribute(SpanAttributes.BLOCKED, stream.blockedNanos() / 1e9);
      span.setAttribute(SpanAttributes.STALLED, stream.stalledNanos() / 1e9);
      if (stream.firstMessageNanos() >= 0) {
        span.setAttribute(SpanAttributes.FIRST_MESSAGE, stream.firstMessageNanos() / 1e9);
      }
    }
    span.setAttribute(SpanAttributes.STREAM_ID, stream.anyId());
  }
}
