package io.streamgauge.internal.context;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.ContextStorage;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.ContextSlot;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The OpenTelemetry contexts of one call. Written before the stream starts, by the one thread that
 * has it then; later readers find the values through the start of the stream.
 *
 * <p>Most calls have an {@link OwnContext} instead, which is both of them. Until the start of its
 * call the {@code with} methods here change that one in its place.
 */
public final class CallContext implements ContextSlot {

  /**
   * Whether contexts are OpenTelemetry's own, kept in its own thread local. An agent's bridge and
   * other storages take no class of contexts that they do not know.
   */
  private static final class Plain {
    static final Class<?> CONTEXT = find();

    private static Class<?> find() {
      Class<?> context = Context.root().getClass();
      String storage = ContextStorage.get().getClass().getName();
      return context.getName().endsWith("opentelemetry.context.ArrayBasedContext")
              && storage.endsWith("opentelemetry.context.ThreadLocalContextStorage")
          ? context
          : null;
    }

    static boolean is(Context current) {
      return current.getClass() == CONTEXT || current instanceof OwnContext;
    }
  }

  private Context callbacks;
  private Context measured;

  private CallContext() {}

  /** What is to be current while the application's callbacks run, or null. */
  @CallPath
  public static Context callbacks(StreamRecorder stream) {
    ContextSlot slot = stream.contextSlot();
    if (slot instanceof OwnContext) {
      OwnContext own = (OwnContext) slot;
      return own.isClient() ? own.base : own;
    }
    return slot == null ? null : ((CallContext) slot).callbacks;
  }

  /** What is to be current while the application's callbacks run. */
  public static void callbacks(StreamRecorder stream, Context context) {
    if (context != stream.contextSlot()) {
      made(stream).callbacks = context;
    }
  }

  /** A context with the stream's own span in it, under which values are recorded. */
  public static void measured(StreamRecorder stream, Context context) {
    if (context != stream.contextSlot()) {
      made(stream).measured = context;
    }
  }

  /** The same, or null where the stream has no span. */
  public static Context measured(StreamRecorder stream) {
    return measured(stream.contextSlot());
  }

  /** The same of a slot, which may be null. */
  public static Context measured(ContextSlot slot) {
    if (slot instanceof OwnContext) {
      OwnContext own = (OwnContext) slot;
      return own.isClient() && !own.hasSpan() ? null : own;
    }
    return slot == null ? null : ((CallContext) slot).measured;
  }

  private static CallContext made(StreamRecorder stream) {
    ContextSlot slot = stream.contextSlot();
    if (slot instanceof CallContext) {
      return (CallContext) slot;
    }
    CallContext made = new CallContext();
    if (slot != null) {
      OwnContext own = (OwnContext) slot;
      made.callbacks = own.isClient() ? own.base : own.copy();
      made.measured = own.isClient() && !own.hasSpan() ? null : own.copy();
    }
    stream.contextSlot(made);
    return made;
  }

  // ---- a context that is being made ----------------------------------------------------------

  /** Server: begins with what is current; {@link #callbacks(StreamRecorder)} has it from now on. */
  public static Context serve(StreamRecorder stream, Context current) {
    if (!Plain.is(current)) {
      callbacks(stream, current);
      return current;
    }
    OwnContext served = new OwnContext(current, false);
    stream.contextSlot(served);
    return served;
  }

  /** The context with that span. */
  public static Context with(StreamRecorder stream, Context context, Span span) {
    if (context == stream.contextSlot()) {
      ((OwnContext) context).span(span);
      return context;
    }
    return context.with(span);
  }

  /** The context with that baggage. */
  public static Context with(StreamRecorder stream, Context context, Baggage baggage) {
    if (context == stream.contextSlot()) {
      ((OwnContext) context).baggage(baggage);
      return context;
    }
    return context.with(baggage);
  }

  /** The context with that value. */
  public static <V> Context with(
      StreamRecorder stream, Context context, ContextKey<V> key, V value) {
    if (context == stream.contextSlot() && ((OwnContext) context).keep(key, value)) {
      return context;
    }
    return context.with(key, value);
  }

  /** Client: begins with what is current, in which the callbacks run. */
  public static void call(StreamRecorder stream, Context current) {
    if (stream.contextSlot() == null && Plain.is(current)) {
      stream.contextSlot(new OwnContext(current, true));
    } else {
      callbacks(stream, current);
    }
  }

  /** Client: the call's own span, which is not current for its callbacks. */
  public static void own(StreamRecorder stream, Span span) {
    ContextSlot slot = stream.contextSlot();
    if (slot instanceof OwnContext) {
      ((OwnContext) slot).span(span);
    } else {
      measured(stream, callbacks(stream).with(span));
    }
  }

  /** The same values in a context that will not change: for code of the application to keep. */
  public static Context lasting(Context context) {
    return context instanceof OwnContext ? ((OwnContext) context).copy() : context;
  }
}
