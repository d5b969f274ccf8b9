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
 * call's options and headers, never on the thread: calls that waited are picked again elsewhere.
 */
final class GrayPicker extends SubchannelPicker {

  /** What a lane is like now. */
  static final class Lane {
    private final ConnectivityState state;
    private final boolean slow;
    private final SubchannelPicker picker;

    Lane(ConnectivityState state, boolean slow, SubchannelPicker picker) {
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
    return other == null ? rejected("lane " + tag, why, args) : pick(other, why, args);
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
        ? rejected("baseline", GrayOutcome.FALLBACK_NO_ENDPOINT, args)
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
    if (picked.getSubchannel() == null) {
      if (!picked.getStatus().isOk()) {
        countIfOver(args, picked.isDrop());
      }
      return picked;
    }
    return PickResult.withSubchannel(
        picked.getSubchannel(), outcome.counting(counts, picked.getStreamTracerFactory()));
  }

  /** A call that fails at once is picked this once; one that waits for ready until it is sent. */
  private void countIfOver(PickSubchannelArgs args, boolean dropped) {
    if (dropped || !args.getCallOptions().isWaitForReady()) {
      counts.attempt(args.getCallOptions(), GrayOutcome.REJECTED);
    }
  }

  private PickResult rejected(String lane, GrayOutcome why, PickSubchannelArgs args) {
    countIfOver(args, false);
    return PickResult.withError(
        Status.UNAVAILABLE.withDescription(
            GrayLoadBalancerProvider.POLICY + ": " + lane + ": " + reason(why)));
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
