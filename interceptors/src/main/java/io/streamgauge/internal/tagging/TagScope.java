package io.streamgauge.internal.tagging;

import io.grpc.Context;
import io.streamgauge.internal.grpc.ScopePort;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;

/** The tag in gRPC's context too while the callbacks of a tagged call run. */
public final class TagScope implements ScopePort {

  /** In place of a token of the delegate's, so that {@link #exit} is called. */
  private static final Object NOTHING = new Object();

  private final ScopePort delegate;

  public TagScope(ScopePort delegate) {
    this.delegate = delegate;
  }

  @Override
  @CallPath
  public Object enter(StreamRecorder stream) {
    CallTag state = CallTag.of(stream);
    Context mirror = state.mirror;
    if (mirror == null) {
      return delegate.enter(stream);
    }
    // First: where a bridge ties the two contexts together, this one brings an older other.
    Context before = mirror.attach();
    try {
      Object inner = delegate.enter(stream);
      if (state.mirrored == null) {
        // Callbacks of a stream come one after the other: one place is enough, and no garbage.
        state.mirrored = before;
        return inner == null ? NOTHING : inner;
      }
      return new Nested(inner, before);
    } catch (Throwable t) {
      mirror.detach(before);
      throw t;
    }
  }

  @Override
  @CallPath
  public void exit(StreamRecorder stream, Object entered) {
    if (entered instanceof Nested) {
      Nested nested = (Nested) entered;
      leave(stream, nested.inner, nested.before);
      return;
    }
    CallTag state = CallTag.of(stream);
    Context before = state.mirrored;
    if (before == null) {
      delegate.exit(stream, entered);
    } else {
      state.mirrored = null;
      leave(stream, entered == NOTHING ? null : entered, before);
    }
  }

  private void leave(StreamRecorder stream, Object inner, Context before) {
    try {
      if (inner != null) {
        delegate.exit(stream, inner);
      }
    } finally {
      CallTag.of(stream).mirror.detach(before);
    }
  }

  /** One callback inside another of the same stream, as some interceptor may make them. */
  private static final class Nested {
    final Object inner;
    final Context before;

    Nested(Object inner, Context before) {
      this.inner = inner;
      this.before = before;
    }
  }
}
