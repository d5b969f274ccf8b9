package io.streamgauge.internal.grpc;

import io.grpc.Context;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The server stream of a gRPC context. The server's tracer puts it there, for the interceptor and
 * for the application.
 */
public final class ServerStreams {

  /** One key for all gauges of a process: the innermost wins. */
  static final Context.Key<StreamRecorder> KEY = Context.key("streamgauge-stream");

  private ServerStreams() {}

  /** The stream whose context is current, or null. */
  public static StreamRecorder current() {
    return KEY.get();
  }

  /** The stream of that context, or null. */
  public static StreamRecorder of(Context context) {
    return KEY.get(context);
  }
}
