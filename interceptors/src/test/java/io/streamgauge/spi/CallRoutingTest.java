package io.streamgauge.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallRoutingTest {

  @Test
  void anAttemptIsCountedWithItsOutcomeWhereAGaugeWatchesTheCall() throws Exception {
    try (WatchedCall call = new WatchedCall()) {
      assertThat(CallRouting.routed(call.options, "fallback")).isTrue();
      assertThat(CallRouting.routed(CallOptions.DEFAULT, "fallback")).isFalse();

      assertThat(call.scrape().sum("grpc_gray_attempts_total", "outcome", "fallback")).isOne();
    }
  }

  @Test
  void endpointsAreShownUntilThatIsUndone() throws Exception {
    try (WatchedCall call = new WatchedCall()) {
      Runnable undo =
          CallRouting.laneEndpoints(call.gauge, () -> Map.of("canary", Map.of("ready", 3)));
      assertThat(call.scrape().sum("gray_lane_endpoints", "state", "ready")).isEqualTo(3);

      undo.run();
      assertThat(call.scrape().has("gray_lane_endpoints", "state", "ready")).isFalse();
    }
  }
}
