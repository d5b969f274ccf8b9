package io.streamgauge.internal.tracing;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.grpc.HeaderPort;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * Where another instrumentation makes the span of a call, and writes the headers: the stream only
 * remembers what was current when it started, so that its exemplars lead to that span.
 */
public final class ForeignSpans implements HeaderPort {

  @Override
  public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
    link(stream);
  }

  @Override
  public void clientHeaders(
      StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
    link(stream);
  }

  private static void link(StreamRecorder stream) {
    Context context = Context.current();
    CallContext.callbacks(stream, context);
    CallContext.measured(stream, context);
    CallTrace.made(stream).identify(Span.fromContext(context));
  }
}
