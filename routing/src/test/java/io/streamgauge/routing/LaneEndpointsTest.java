package io.streamgauge.routing;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Numbers of endpoints through OpenTelemetry's global API, where no allow-list is known. */
class LaneEndpointsTest {

  private final InMemoryMetricReader reader = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(reader).build())
          .build();
  private final LaneEndpoints endpoints = LaneEndpoints.global();

  @BeforeEach
  void set() {
    GlobalOpenTelemetry.resetForTest();
    GlobalOpenTelemetry.set(sdk);
  }

  @AfterEach
  void reset() {
    GlobalOpenTelemetry.resetForTest();
    sdk.close();
  }

  @Test
  void tenLanesBesideTheBaselineAreToldApart() {
    endpoints.moved("baseline", null, READY);
    for (int i = 0; i < 1_000; i++) {
      endpoints.moved("lane-" + i, null, READY);
    }
    assertThat(shown("ready"))
        .hasSize(12)
        .containsEntry("baseline", 1L)
        .containsEntry("lane-0", 1L)
        .containsEntry("lane-9", 1L)
        .containsEntry("other", 990L);
  }

  @Test
  void aLaneThatIsGoneMakesPlaceForAnother() {
    for (int i = 0; i < 12; i++) {
      endpoints.moved("lane-" + i, null, IDLE);
    }
    endpoints.moved("lane-0", IDLE, READY);
    endpoints.moved("lane-0", READY, null);
    assertThat(shown("idle")).doesNotContainKey("lane-0").containsEntry("other", 2L);
    endpoints.moved("late", null, IDLE);
    assertThat(shown("idle")).containsEntry("late", 1L).containsEntry("other", 2L);
    // Where it began it stays, so that a number never moves from one lane to another.
    endpoints.moved("lane-11", IDLE, CONNECTING);
    assertThat(shown("idle")).containsEntry("other", 1L);
    assertThat(shown("connecting")).containsEntry("other", 1L);
  }

  @Test
  void lanesThatComeAndGoLeaveNothing() {
    for (int i = 0; i < 1_000; i++) {
      endpoints.moved("lane-" + i, null, IDLE);
      endpoints.moved("lane-" + i, IDLE, READY);
      endpoints.moved("lane-" + i, READY, null);
    }
    assertThat(endpoints.counts()).isEmpty();
    assertThat(endpoints.lanes()).isZero();
    assertThat(shown("ready")).isEmpty();
  }

  /** The gauge has an allow-list of its own, so it must be told of every lane by its name. */
  @Test
  void aGaugeIsToldOfEveryLane() {
    for (int i = 0; i < 20; i++) {
      endpoints.moved("lane-" + i, null, READY);
    }
    assertThat(endpoints.counts()).hasSize(20).containsKey("lane-19");
  }

  private Map<String, Long> shown(String state) {
    Map<String, Long> byLane = new TreeMap<>();
    reader.collectAllMetrics().stream()
        .filter(metric -> metric.getName().equals("gray.lane_endpoints"))
        .flatMap(metric -> metric.getLongSumData().getPoints().stream())
        .filter(point -> state.equals(point.getAttributes().get(AttributeKey.stringKey("state"))))
        .filter(point -> point.getValue() != 0)
        .forEach(
            point ->
                byLane.put(
                    point.getAttributes().get(AttributeKey.stringKey("gray.tag")),
                    point.getValue()));
    return byLane;
  }
}
