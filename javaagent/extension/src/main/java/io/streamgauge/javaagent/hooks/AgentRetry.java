package io.streamgauge.javaagent.hooks;

import io.streamgauge.internal.grpc.CallHooks;

import io.grpc.CallOptions;
import io.opentelemetry.instrumentation.api.util.VirtualField;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.function.BiFunction;

/**
 * When grpc begins and ceases to keep a copy of what a call has sent. How much that is our own
 * tracer knows; grpc's buffer counts with a tracer of the same kind.
 */
public final class AgentRetry {

  /** The call whose stream is being made on this thread; set only inside {@code start}. */
  private static final ThreadLocal<StreamRecorder> STARTING = new ThreadLocal<>();

  private static final VirtualField<Object, StreamRecorder> STREAM = find();

  private AgentRetry() {}

  /**
   * grpc's class is not public, so it is looked up instead of named; and {@code find} is handed
   * over, because muzzle refuses to read a call of it without class literals.
   */
  @SuppressWarnings("unchecked")
  private static VirtualField<Object, StreamRecorder> find() {
    try {
      Class<?> type =
          Class.forName(
              "io.grpc.internal.RetriableStream", false, AgentRetry.class.getClassLoader());
      BiFunction<Class<Object>, Class<StreamRecorder>, VirtualField<Object, StreamRecorder>> find =
          VirtualField::find;
      return find.apply((Class<Object>) type, StreamRecorder.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A call starts on this thread.
   *
   * @return what {@link #started} must be given
   */
  public static Object starting(CallOptions options) {
    Object outer = STARTING.get();
    STARTING.set(CallHooks.streamOf(options));
    return outer;
  }

  /** The call has started. */
  public static void started(Object outer) {
    if (outer == null) {
      STARTING.remove();
    } else {
      STARTING.set((StreamRecorder) outer);
    }
  }

  /** A stream that may be retried is made. */
  public static void opened(Object stream) {
    StreamRecorder recorder = STARTING.get();
    if (recorder != null) {
      recorder.onReplayBegun();
      STREAM.set(stream, recorder);
    }
  }

  /** It has settled on an attempt, or was settled before. */
  public static void committed(Object stream) {
    StreamRecorder recorder = STREAM.get(stream);
    if (recorder != null) {
      recorder.onReplayOver();
    }
  }
}
