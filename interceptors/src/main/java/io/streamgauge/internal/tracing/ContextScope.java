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
import java.lang.reflect.Field;

/**
 * Makes the stream's context current around each callback of the application. Where contexts live
 * in OpenTelemetry's own thread local, that is set, and set back to what it was; the scopes that
 * the API hands out would be garbage with every message. Any other storage gets its scopes closed.
 *
 * <p>Where gRPC's context is kept inside OpenTelemetry's, what gRPC has made current around a
 * callback of a client call is kept: the span and the baggage of the call are added to it, if they
 * are not there already.
 */
public final class ContextScope implements ScopePort {

  /** Looked for with the first callback: a wrapper of the storage must be in place by then. */
  private static final class Plain {
    /** Null where closing a scope may do more than put a context back. */
    static final ThreadLocal<Context> CURRENT = find();

    @SuppressWarnings("unchecked") // of the type that the field has
    private static ThreadLocal<Context> find() {
      Class<?> storage = ContextStorage.get().getClass();
      if (!storage.getName().endsWith("opentelemetry.context.ThreadLocalContextStorage")) {
        return null;
      }
      try {
        Field field = storage.getDeclaredField("THREAD_LOCAL_STORAGE");
        field.setAccessible(true);
        return (ThreadLocal<Context>) field.get(null);
      } catch (ReflectiveOperationException | RuntimeException e) {
        return null; // another version, or closed to us
      }
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
    ThreadLocal<Context> plain = Plain.CURRENT;
    Context now = plain == null ? Context.current() : plain.get();
    Context before = now == null ? Context.root() : now;
    Context target = Tied.TO_GRPC ? added(stream, before, context) : context;
    if (target == before) {
      return null;
    }
    if (plain == null) {
      return target.makeCurrent();
    }
    plain.set(target);
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
  @CallPath
  public void exit(StreamRecorder stream, Object entered) {
    if (entered instanceof Context) {
      Plain.CURRENT.set((Context) entered);
    } else {
      ((Scope) entered).close();
    }
  }
}
