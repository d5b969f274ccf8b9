package io.streamgauge.routing;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * How many endpoints of each lane are in which state, over all channels. A lane is known for as
 * long as it has an endpoint. Any thread.
 */
final class LaneEndpoints {

  /** The lane of endpoints without a tag. */
  static final String BASELINE = "baseline";

  private static final Logger logger = Logger.getLogger("io.streamgauge.routing");
  private static final AttributeKey<String> TAG = AttributeKey.stringKey("gray.tag");
  private static final AttributeKey<String> STATE = AttributeKey.stringKey("state");

  /** Lanes that have a label of their own beside the baseline; the metrics' limit is the same. */
  private static final int MAX_LANES = 10;

  private static final String OTHER = "other";

  /** By raw name; its monitor guards all that is counted. */
  private final Map<String, Lane> lanes = new HashMap<>();

  private int labels;

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
    synchronized (lanes) {
      Lane counted = lanes.computeIfAbsent(lane, this::added);
      counted.add(from, -1);
      counted.add(to, 1);
      if (counted.total == 0) {
        lanes.remove(lane);
        if (counted.takesLabel) {
          labels--;
        }
      }
    }
  }

  /** A lane keeps its label while it is there, so that no number moves between two labels. */
  private Lane added(String lane) {
    boolean takesLabel = !lane.equals(BASELINE) && !lane.equals(OTHER) && labels < MAX_LANES;
    if (takesLabel) {
      labels++;
    }
    return new Lane(takesLabel || lane.equals(BASELINE) ? lane : OTHER, takesLabel);
  }

  /** Raw lane to state, as in {@code ready}, to a number; all lanes, as many as there are. */
  Map<String, Map<String, Integer>> counts() {
    return counts(false);
  }

  private Map<String, Map<String, Integer>> counts(boolean byLabel) {
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    synchronized (lanes) {
      lanes.forEach(
          (name, lane) ->
              lane.addTo(
                  counts.computeIfAbsent(byLabel ? lane.label : name, unseen -> new TreeMap<>())));
    }
    return counts;
  }

  /** Lanes that are remembered. */
  int lanes() {
    synchronized (lanes) {
      return lanes.size();
    }
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
                counts(true)
                    .forEach(
                        (lane, states) ->
                            states.forEach(
                                (state, count) ->
                                    measurement.record(
                                        count, Attributes.of(TAG, lane, STATE, state)))));
  }

  /** Guarded by the map's monitor. */
  private static final class Lane {
    private static final ConnectivityState[] STATES = {READY, CONNECTING, IDLE, TRANSIENT_FAILURE};

    private final String label;
    private final boolean takesLabel;
    private final Map<ConnectivityState, Integer> states = new EnumMap<>(ConnectivityState.class);
    private int total;

    Lane(String label, boolean takesLabel) {
      this.label = label;
      this.takesLabel = takesLabel;
    }

    /** Null for not there. */
    void add(ConnectivityState state, int count) {
      if (state != null) {
        states.merge(state, count, Integer::sum);
        total += count;
      }
    }

    void addTo(Map<String, Integer> sums) {
      for (ConnectivityState state : STATES) {
        sums.merge(
            state.name().toLowerCase(Locale.ROOT), states.getOrDefault(state, 0), Integer::sum);
      }
    }
  }
}
