package io.streamgauge.gray;

import io.grpc.Context;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.WireScope;

/** The tag in gRPC's context too while the callbacks of a tagged call run. */
public final class GrayScope implements WireScope {

  private final WireScope delegate;

  public GrayScope(WireScope delegate) {
    this.delegate = delegate;
  }

  @Override
  public Object enter(StreamRecorder stream) {
    Context mirror = (Context) stream.mirror();
    if (mirror == null) {
      return delegate.enter(stream);
    }
    // First: where a bridge ties the two contexts together, this one brings an older other.
    Context before = mirror.attach();
    try {
      return new Entered(delegate.enter(stream), mirror, before);
    } catch (Throwable t) {
      mirror.detach(before);
      throw t;
    }
  }

  @Override
  public void exit(Object scope) {
    if (!(scope instanceof Entered)) {
      delegate.exit(scope);
      return;
    }
    Entered entered = (Entered) scope;
    try {
      if (entered.inner != null) {
        delegate.exit(entered.inner);
      }
    } finally {
      entered.mirror.detach(entered.before);
    }
  }

  private static final class Entered {
    final Object inner;
    final Context mirror;
    final Context before;

    Entered(Object inner, Context mirror, Context before) {
      this.inner = inner;
      this.mirror = mirror;
      this.before = before;
    }
  }
}
