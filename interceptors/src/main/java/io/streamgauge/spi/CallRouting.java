package io.streamgauge.spi;

import io.grpc.CallOptions;
import io.streamgauge.Streamgauge;
import io.streamgauge.internal.config.GaugeAccess;
import io.streamgauge.internal.grpc.TracedStreams;
import java.util.Map;
import java.util.function.Supplier;

/** What a load-balancing policy tells the gauges. */
public final class CallRouting {

  private CallRouting() {}

  /**
   * An attempt of a client call got its stream; counted as {@code grpc_gray_attempts_total} by
   * every gauge that follows the call on the wire, and the outcome is on its span.
   *
   * @return false if no gauge of this class loader does
   */
  public static boolean routed(CallOptions options, String outcome) {
    return TracedStreams.routed(options, outcome);
  }

  /**
   * Shows numbers of endpoints as {@code gray_lane_endpoints}; the source gives them by raw tag and
   * state, and is asked with each scrape.
   *
   * @return undoes it
   */
  public static Runnable laneEndpoints(
      Streamgauge gauge, Supplier<Map<String, Map<String, Integer>>> source) {
    return GaugeAccess.assembly(gauge).laneEndpoints(source);
  }
}
