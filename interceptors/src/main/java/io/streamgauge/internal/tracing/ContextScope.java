package io.streamgauge.internal.tracing;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.context.Scope;
import io.streamgauge.CallSide;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.grpc.ScopePort;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tagging.TagContext;

/**
 * Makes the stream's context current around each callback of the application. Where contexts live
 * in OpenTelemetry's own thread local, the one before is put back as it was found; the scopes that
 * API hands out would be garbage with every message. Any other storage gets its scopes closed.
 *
 * <p>Where gRPC's context is kept inside OpenTelemetry's, what gRPC has made current around a
 * callback of a client call is kept: the span and the baggage of the call are added to it, if they
 * are not there already.
 */
public final class ContextScope implements ScopePort {

  /** Looked for with the first callback: a wrapper of the storage must be in place by then. */
  private static final class Plain {
    static final ContextStorage STORAGE = find();

    /** Null where closing a scope may do more than put a context back. */
    private static ContextStorage find() {
      ContextStorage storage = ContextStorage.get();
      Class<?> type = storage.getClass();
      if (!type.getName().endsWith("opentelemetry.context.ThreadLocalContextStorage")) {
        return null;
      }
      try {
        // An empty class javac made for the signature of a private constructor. HotSpot inlines
        // that constructor, and so drops the scope that is not used, only if the class is loaded.
        Class.forName(type.getName() + "$1", false, type.getClassLoader());
      } catch (ClassNotFoundException e) {
        // Another compiler had no need of it.
      }
      return storage;
    }
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed by exit, on the same thread
  @CallPath
  public Object enter(StreamRecorder stream) {
    Context context = CallContext.callbacks(stream);
    if (context == null) {
      return null;
    }
    Context before = Context.current();
    Context target = Tied.TO_GRPC ? added(stream, before, context) : context;
    if (target == before) {
      return null;
    }
    if (Plain.STORAGE == null) {
      return target.makeCurrent();
    }
    Plain.STORAGE.attach(target);
    return before;
  }

  /** What is to be current where gRPC restores both contexts. */
  private static Context added(StreamRecorder stream, Context before, Context context) {
    if (context == before || before == Context.root() || stream.isNew()) {
      return context; // not started: the call is being made, on the application's own thread
    }
    if (stream.side() == CallSide.SERVER) {
      // gRPC's context of the call is in both, and only this one has what propagators extracted.
      return context;
    }
    Span span = Span.fromContext(context);
    Baggage baggage = Baggage.fromContext(context);
    Context target = Span.fromContext(before) == span ? before : before.with(span);
    if (Baggage.fromContext(target) != baggage) {
      target = target.with(baggage);
      GrayTag tag = TagContext.in(context);
      target = tag == null ? target : TagContext.with(target, tag);
    }
    return target;
  }

  /**
   * Whether gRPC's current context is kept inside OpenTelemetry's, as by our agent, upstream's
   * agent and upstream's library for gRPC. Then gRPC restores both where it runs a callback, and
   * another OpenTelemetry context would take gRPC's away.
   */
  private static final class Tied {
    static final boolean TO_GRPC = find();

    private static boolean find() {
      Context before = Context.current();
      io.grpc.Context probe =
          io.grpc.Context.current().withValue(io.grpc.Context.key("streamgauge-probe"), true);
      io.grpc.Context restored = probe.attach();
      try {
        return Context.current() != before;
      } finally {
        probe.detach(restored);
      }
    }
  }

  /** Whatever the application has left current there in between. */
  @Override
  @SuppressWarnings("MustBeClosedChecker") // nothing is to be closed: see above
  @CallPath
  public void exit(StreamRecorder stream, Object entered) {
    if (entered instanceof Context) {
      Plain.STORAGE.attach((Context) entered);
    } else {
      ((Scope) entered).close();
    }
  }
}
