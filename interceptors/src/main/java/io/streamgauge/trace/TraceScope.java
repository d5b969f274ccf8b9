package io.streamgauge.trace;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.WireScope;

/** Makes the stream's context current around each callback of the application. */
public final class TraceScope implements WireScope {

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed by exit, on the same thread
  public Object enter(StreamRecorder stream) {
    Context context = (Context) stream.context();
    if (context == null || context == Context.current()) {
      return null;
    }
    return context.makeCurrent();
  }

  @Override
  public void exit(Object entered) {
    ((Scope) entered).close();
  }
}
