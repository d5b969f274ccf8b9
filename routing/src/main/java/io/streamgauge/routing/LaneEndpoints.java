package io.streamgauge.routing;

import io.grpc.ConnectivityState;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How many endpoints of each lane are in which state, over all channels. Any thread. */
final class LaneEndpoints {

  /** The lane of endpoints without a tag. */
  static final String BASELINE = "baseline";

  private static final Logger logger = Logger.getLogger("io.streamgauge.routing");
  private static final AttributeKey<String> TAG = AttributeKey.stringKey("gray.tag");
  private static final AttributeKey<String> STATE = AttributeKey.stringKey("state");

  private final Map<String, Map<ConnectivityState, AtomicInteger>> lanes =
      new ConcurrentHashMap<>();

  /** Null for one that a gauge shows. */
  private final AtomicBoolean shown;

  LaneEndpoints() {
    this(null);
  }

  private LaneEndpoints(AtomicBoolean shown) {
    this.shown = shown;
  }

  /** One that is shown through OpenTelemetry's global API once there is something to show. */
  static LaneEndpoints global() {
    return new LaneEndpoints(new AtomicBoolean());
  }

  /** An endpoint has gone from one state to another; null for not there. */
  void moved(String lane, ConnectivityState from, ConnectivityState to) {
    if (from == to) {
      return;
    }
    showOnce();
    Map<ConnectivityState, AtomicInteger> states =
        lanes.computeIfAbsent(lane, unseen -> new ConcurrentHashMap<>());
    if (from != null) {
      states.computeIfAbsent(from, unseen -> new AtomicInteger()).decrementAndGet();
    }
    if (to != null) {
      states.computeIfAbsent(to, unseen -> new AtomicInteger()).incrementAndGet();
    }
  }

  /** Lane to state, as in {@code ready}, to a number; lanes that are gone are not in it. */
  Map<String, Map<String, Integer>> counts() {
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    lanes.forEach(
        (lane, states) -> {
          Map<String, Integer> byState = new TreeMap<>();
          states.forEach(
              (state, count) -> byState.put(state.name().toLowerCase(Locale.ROOT), count.get()));
          if (byState.values().stream().anyMatch(count -> count > 0)) {
            counts.put(lane, byState);
          }
        });
    return counts;
  }

  /** Not before the application has set OpenTelemetry up: to ask would set it to nothing. */
  private void showOnce() {
    try {
      if (shown != null && GlobalOpenTelemetry.isSet() && shown.compareAndSet(false, true)) {
        show();
      }
    } catch (Throwable e) {
      logger.log(Level.FINE, "endpoints are not shown", e);
    }
  }

  private void show() {
    GlobalOpenTelemetry.getMeter("io.streamgauge.routing")
        .upDownCounterBuilder("gray.lane_endpoints")
        .setDescription("Endpoints of a lane, by the state of their connection.")
        .buildWithCallback(
            measurement ->
                counts()
                    .forEach(
                        (lane, states) ->
                            states.forEach(
                                (state, count) ->
                                    measurement.record(
                                        count, Attributes.of(TAG, lane, STATE, state)))));
  }
}
