package io.streamgauge.internal.grpc;

import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;

/**
 * The client call that each thread is making, where no tracer in its options says that a gauge has
 * it. A second interceptor of the gauge, and the other copy of this library, meet the call on the
 * same thread, inside of {@code newCall}. So may another call that an interceptor makes meanwhile:
 * that one has another method.
 */
public final class UntracedCalls {

  private static final ThreadLocal<StreamRecorder> MAKING = new ThreadLocal<>();

  private UntracedCalls() {}

  /**
   * Begins to make a call.
   *
   * @return what {@link #exit} needs; null for no other call
   */
  static StreamRecorder enter(StreamRecorder stream) {
    StreamRecorder before = MAKING.get();
    MAKING.set(stream);
    return before;
  }

  static void exit(StreamRecorder before) {
    MAKING.set(before);
  }

  /** Whether a gauge of this class loader has the call of that method that the thread makes. */
  public static boolean isMaking(String fullMethodName) {
    StreamRecorder stream = MAKING.get();
    return stream != null && isOf(stream, fullMethodName);
  }

  /** A method too many to be told apart may be any. */
  private static boolean isOf(StreamRecorder stream, String fullMethodName) {
    WatchedMethod method = stream.method();
    return method == WatchedMethod.OTHER || method.fullName().equals(fullMethodName);
  }

  /** The same of one gauge. */
  static boolean isMaking(CallHooks hooks, String fullMethodName) {
    StreamRecorder stream = MAKING.get();
    return stream != null && stream.belongsTo(hooks) && isOf(stream, fullMethodName);
  }
}
