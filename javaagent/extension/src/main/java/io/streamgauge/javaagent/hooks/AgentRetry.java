package io.streamgauge.javaagent.hooks;

import io.grpc.CallOptions;
import io.opentelemetry.instrumentation.api.util.VirtualField;
import io.streamgauge.spi.RetryHook;
import io.streamgauge.spi.WatchedStreams;
import java.util.function.BiFunction;

/**
 * When grpc begins and ceases to keep a copy of what a call has sent. How much that is our own
 * tracer knows; grpc's buffer counts with a tracer of the same kind.
 */
public final class AgentRetry {

  /** The call whose stream is being made on this thread; set only inside {@code start}. */
  private static final ThreadLocal<RetryHook> STARTING = new ThreadLocal<>();

  private static final VirtualField<Object, RetryHook> STREAM = find();

  private AgentRetry() {}

  /**
   * grpc's class is not public, so it is looked up instead of named; and {@code find} is handed
   * over, because muzzle refuses to read a call of it without class literals.
   */
  @SuppressWarnings("unchecked")
  private static VirtualField<Object, RetryHook> find() {
    try {
      Class<?> type =
          Class.forName(
              "io.grpc.internal.RetriableStream", false, AgentRetry.class.getClassLoader());
      BiFunction<Class<Object>, Class<RetryHook>, VirtualField<Object, RetryHook>> find =
          VirtualField::find;
      return find.apply((Class<Object>) type, RetryHook.class);
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
    STARTING.set(WatchedStreams.retryOf(options));
    return outer;
  }

  /** Ends what {@code starting} began on this thread. */
  public static void started(Object outer) {
    if (outer == null) {
      STARTING.remove();
    } else {
      STARTING.set((RetryHook) outer);
    }
  }

  /** A stream that may be retried is made. */
  public static void opened(Object stream) {
    RetryHook recorder = STARTING.get();
    if (recorder != null) {
      recorder.onReplayBegun();
      STREAM.set(stream, recorder);
    }
  }

  /** It has settled on an attempt, or was settled before. */
  public static void committed(Object stream) {
    RetryHook recorder = STREAM.get(stream);
    if (recorder != null) {
      recorder.onReplayOver();
    }
  }
}
