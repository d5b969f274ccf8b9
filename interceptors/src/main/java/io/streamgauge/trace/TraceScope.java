package io.streamgauge.trace;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.context.Scope;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.WireScope;

/**
 * Makes the stream's context current around each callback of the application. Where contexts live
 * in OpenTelemetry's own thread local, the one before is put back as it was found; the scopes that
 * API hands out would be garbage with every message. Any other storage gets its scopes closed.
 */
public final class TraceScope implements WireScope {

  /** Looked for with the first callback: whoever wraps the storage must have done so before. */
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
        // that constructor, and so drops the scope nobody uses, only if the class is loaded.
        Class.forName(type.getName() + "$1", false, type.getClassLoader());
      } catch (ClassNotFoundException e) {
        // Another compiler had no need of it.
      }
      return storage;
    }
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed by exit, on the same thread
  public Object enter(StreamRecorder stream) {
    Context context = (Context) stream.context();
    if (context == null) {
      return null;
    }
    Context before = Context.current();
    if (context == before) {
      return null;
    }
    if (Plain.STORAGE == null) {
      return context.makeCurrent();
    }
    Plain.STORAGE.attach(context);
    return before;
  }

  /** Whatever the application has left current there in between. */
  @Override
  @SuppressWarnings("MustBeClosedChecker") // nothing is to be closed: see above
  public void exit(StreamRecorder stream, Object entered) {
    if (entered instanceof Context) {
      Plain.STORAGE.attach((Context) entered);
    } else {
      ((Scope) entered).close();
    }
  }
}
