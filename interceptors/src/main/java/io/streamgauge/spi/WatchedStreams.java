package io.streamgauge.spi;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.StreamTracer;
import io.streamgauge.internal.grpc.ServerStreams;
import io.streamgauge.internal.grpc.TracedStreams;
import io.streamgauge.internal.grpc.UntracedMark;
import java.util.List;

/** Finds the streams that gauges of this class loader watch. */
public final class WatchedStreams {

  private WatchedStreams() {}

  /**
   * Where the bytes that wait on a transport stream are told.
   *
   * @param tracers of the transport stream
   * @return null if no gauge watches the stream
   */
  public static BytesHook bytesOf(List<? extends StreamTracer> tracers) {
    return TracedStreams.bytes(tracers);
  }

  /** Where the retries of a call with these options are told; null if no gauge watches it. */
  public static RetryHook retryOf(CallOptions options) {
    return TracedStreams.of(options);
  }

  /**
   * Whether a gauge watches the server stream of that context. The other copy of this library in
   * the process, the agent's or the application's, asks by reflection.
   */
  public static boolean serves(Context context) {
    return ServerStreams.of(context) != null;
  }

  /**
   * Whether a gauge watches client calls with these options without a tracer. The other copy asks
   * this, too.
   */
  public static boolean marks(CallOptions options) {
    return UntracedMark.isIn(options);
  }
}
