package io.streamgauge.routing;

import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses a lane for each call. Immutable; made anew when a lane changes. What it goes by is in the
 * call's options and headers, never on the thread: a call that waited is picked again on another.
 */
final class GrayPicker extends SubchannelPicker {

  /** What a lane is like now. */
  static final class Lane {
    private final String name;
    private final ConnectivityState state;
    private final boolean slow;
    private final SubchannelPicker picker;

    Lane(String name, ConnectivityState state, boolean slow, SubchannelPicker picker) {
      this.name = name;
      this.state = state;
      this.slow = slow;
      this.picker = picker;
    }

    /** Ready, or to be waited for. */
    boolean takes() {
      return state != TRANSIENT_FAILURE && !slow;
    }
  }

  private final Map<String, Lane> lanes;
  private final GrayLbConfig config;
  private final GrayCounts counts;
  private final Metadata.Key<String> header;

  GrayPicker(Map<String, Lane> lanes, GrayLbConfig config, GrayCounts counts) {
    this.lanes = lanes;
    this.config = config;
    this.counts = counts;
    this.header = Metadata.Key.of(config.header, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Override
  public PickResult pickSubchannel(PickSubchannelArgs args) {
    String tag = tag(args);
    if (tag == null) {
      return untagged(args);
    }
    Lane own = lanes.get(tag);
    if (own != null && own.takes()) {
      return pick(own, GrayOutcome.MATCH, args);
    }
    GrayOutcome why =
        own == null
            ? GrayOutcome.FALLBACK_NO_ENDPOINT
            : own.slow ? GrayOutcome.FALLBACK_SLOW_CONNECT : GrayOutcome.FALLBACK_UNHEALTHY;
    Lane other = config.fallback == GrayLbConfig.Fallback.NONE ? null : fallback();
    return other == null ? rejected(tag, own, why, args) : pick(other, why, args);
  }

  /** Null for an untagged call and one that has opted out. */
  private String tag(PickSubchannelArgs args) {
    GrayTag option = args.getCallOptions().getOption(GrayTags.CALL_OPTION);
    if (option == null) {
      Optional<GrayTag> sent = GrayTag.parse(args.getHeaders().get(header));
      option = sent.orElse(null);
    }
    return option == null || option.value().equals(GrayTag.BASELINE) ? null : option.value();
  }

  private PickResult untagged(PickSubchannelArgs args) {
    Lane baseline = lanes.get(LaneEndpoints.BASELINE);
    if (baseline == null && config.anyIfNoBaseline) {
      baseline = any();
    }
    return baseline == null
        ? rejected(LaneEndpoints.BASELINE, null, GrayOutcome.FALLBACK_NO_ENDPOINT, args)
        : pick(baseline, GrayOutcome.BASELINE, args);
  }

  /** Null if there is none. */
  private Lane fallback() {
    Lane baseline = lanes.get(LaneEndpoints.BASELINE);
    if (config.fallback == GrayLbConfig.Fallback.ANY && (baseline == null || !baseline.takes())) {
      Lane any = any();
      return any == null ? baseline : any;
    }
    return baseline;
  }

  /** One that is ready, else one to wait for; null if there is neither. */
  private Lane any() {
    Lane waited = null;
    for (Lane lane : lanes.values()) {
      if (lane.state == READY) {
        return lane;
      }
      if (waited == null && lane.takes()) {
        waited = lane;
      }
    }
    return waited;
  }

  private PickResult pick(Lane lane, GrayOutcome outcome, PickSubchannelArgs args) {
    PickResult picked = lane.picker.pickSubchannel(args);
    if (picked.getSubchannel() != null) {
      return PickResults.withTracer(
          picked, outcome.counting(counts, picked.getStreamTracerFactory()));
    }
    if (picked.getStatus().isOk()) {
      return PickResults.waiting(picked, label(lane.name));
    }
    countIfOver(args, picked.isDrop());
    return picked;
  }

  /** A call that fails at once is picked this once; one that waits for ready until it is sent. */
  private void countIfOver(PickSubchannelArgs args, boolean dropped) {
    if (dropped || !args.getCallOptions().isWaitForReady()) {
      counts.attempt(args.getCallOptions(), GrayOutcome.REJECTED);
    }
  }

  /** With the child's own status, its code and its cause, where the lane has failed. */
  private PickResult rejected(String name, Lane lane, GrayOutcome why, PickSubchannelArgs args) {
    countIfOver(args, false);
    Status status = Status.UNAVAILABLE.withDescription(reason(why));
    if (lane != null && lane.state == TRANSIENT_FAILURE) {
      Status failure = lane.picker.pickSubchannel(args).getStatus();
      if (!failure.isOk()) {
        status = said(reason(why), failure);
      }
    }
    return PickResult.withError(said(label(name), status));
  }

  /** What a lane's policy has said, with the lane before it. */
  static Status ofLane(String name, Status said) {
    return said(label(name), said);
  }

  private static Status said(String who, Status status) {
    String what = status.getDescription();
    return status.withDescription(who + ": " + (what == null ? status.getCode() : what));
  }

  private static String label(String name) {
    return GrayLoadBalancerProvider.POLICY
        + (name.equals(LaneEndpoints.BASELINE) ? ": baseline" : ": lane " + name);
  }

  private static String reason(GrayOutcome why) {
    switch (why) {
      case FALLBACK_UNHEALTHY:
        return "cannot be connected to";
      case FALLBACK_SLOW_CONNECT:
        return "did not connect in time";
      default:
        return "no endpoint";
    }
  }
}
