package io.streamgauge.internal.tracing;

import io.streamgauge.internal.grpc.ScopePort;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * Log keys in SLF4J's MDC while the application's callbacks run, and what was there before
 * afterwards. Costs up to eight map writes a callback, so it is on only where asked for.
 */
public final class MdcScope implements ScopePort {

  private final ScopePort delegate;
  private final Mdc keys;

  /** Adds the MDC to another scope. */
  public MdcScope(ScopePort delegate, Mdc keys) {
    this.delegate = delegate;
    this.keys = keys;
  }

  @Override
  public Object enter(StreamRecorder stream) {
    Object inner = delegate.enter(stream);
    return new Entered(inner, keys.set(stream.traceId(), stream.spanId(), stream.lane()));
  }

  @Override
  public void exit(StreamRecorder stream, Object scope) {
    Entered entered = (Entered) scope;
    keys.restore(entered.saved);
    if (entered.inner != null) {
      delegate.exit(stream, entered.inner);
    }
  }

  private static final class Entered {
    final Object inner;
    final Mdc.Saved saved;

    Entered(Object inner, Mdc.Saved saved) {
      this.inner = inner;
      this.saved = saved;
    }
  }
}
