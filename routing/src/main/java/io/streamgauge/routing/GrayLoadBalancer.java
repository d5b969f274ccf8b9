package io.streamgauge.routing;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Groups endpoints by lane, one child policy for each. A lane that goes takes no new call; a stream
 * that is open on it lives on until its connection is closed. In the channel's synchronization
 * context.
 */
final class GrayLoadBalancer extends LoadBalancer {

  /** In this order a channel is what the best of its lanes is. */
  private static final ConnectivityState[] BEST_FIRST = {
    READY, CONNECTING, IDLE, TRANSIENT_FAILURE
  };

  private final Helper helper;
  private final LaneEndpoints endpoints;
  private final GrayCounts counts;
  private final Map<String, LaneChild> lanes = new LinkedHashMap<>();

  /** Shuts down what no call may be picked for any more, once the channel has the next picker. */
  private final List<Runnable> afterPublishing = new ArrayList<>();

  private GrayLbConfig config = GrayLbConfig.DEFAULT;

  /** While addresses are handed to the lanes one by one, the picker waits for the last. */
  private boolean accepting;

  GrayLoadBalancer(Helper helper, LaneEndpoints endpoints, GrayCounts counts) {
    this.helper = helper;
    this.endpoints = endpoints;
    this.counts = counts;
  }

  /**
   * Without any endpoint the update is refused as a whole, and the former one stays in force. What
   * a lane's policy does not accept is answered, though the other lanes have their endpoints: the
   * channel asks the name resolver again then.
   */
  @Override
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    Map<String, List<EquivalentAddressGroup>> byLane = new LinkedHashMap<>();
    for (EquivalentAddressGroup group : resolved.getAddresses()) {
      String lane = group.getAttributes().get(GrayLoadBalancerProvider.LANE);
      byLane
          .computeIfAbsent(
              lane == null ? LaneEndpoints.BASELINE : lane, unseen -> new ArrayList<>())
          .add(group);
    }
    if (byLane.isEmpty()) {
      Status none = Status.UNAVAILABLE.withDescription("no endpoint of any lane");
      handleNameResolutionError(none);
      return none;
    }
    Object given = resolved.getLoadBalancingPolicyConfig();
    config = given instanceof GrayLbConfig ? (GrayLbConfig) given : GrayLbConfig.DEFAULT;
    accepting = true;
    lanes.forEach(
        (lane, child) -> {
          if (!byLane.containsKey(lane)) {
            afterPublishing.add(child::shutdown);
          }
        });
    lanes.keySet().retainAll(byLane.keySet());
    Status answer = Status.OK;
    for (Map.Entry<String, List<EquivalentAddressGroup>> lane : byLane.entrySet()) {
      Status status = accept(lane.getKey(), lane.getValue(), resolved);
      if (answer.isOk() && !status.isOk()) {
        answer = GrayPicker.ofLane(lane.getKey(), status);
      }
    }
    accepting = false;
    publish();
    return answer;
  }

  private Status accept(
      String lane, List<EquivalentAddressGroup> groups, ResolvedAddresses resolved) {
    LaneChild child =
        lanes.computeIfAbsent(
            lane,
            unseen -> new LaneChild(lane, helper, endpoints, this::publish, afterPublishing::add));
    return child.accept(
        config.child,
        resolved.toBuilder()
            .setAddresses(groups)
            .setLoadBalancingPolicyConfig(config.childConfig)
            .build(),
        config.connectWaitNanos);
  }

  private void publish() {
    if (accepting) {
      return;
    }
    Map<String, GrayPicker.Lane> seen = new HashMap<>();
    lanes.forEach((lane, child) -> seen.put(lane, child.seen()));
    for (ConnectivityState state : BEST_FIRST) {
      if (lanes.values().stream().anyMatch(child -> child.state() == state)) {
        helper.updateBalancingState(state, new GrayPicker(seen, config, counts));
        break;
      }
    }
    shutDownWhatIsReplaced();
  }

  private void shutDownWhatIsReplaced() {
    List<Runnable> replaced = new ArrayList<>(afterPublishing);
    afterPublishing.clear();
    replaced.forEach(Runnable::run);
  }

  /** What is known stays in use; without anything, calls fail with what went wrong. */
  @Override
  public void handleNameResolutionError(Status error) {
    if (lanes.isEmpty()) {
      helper.updateBalancingState(
          TRANSIENT_FAILURE,
          new SubchannelPicker() {
            @Override
            public PickResult pickSubchannel(PickSubchannelArgs args) {
              return PickResult.withError(error);
            }
          });
    }
  }

  @Override
  public void requestConnection() {
    lanes.values().forEach(LaneChild::requestConnection);
  }

  @Override
  public void shutdown() {
    lanes.values().forEach(LaneChild::shutdown);
    lanes.clear();
    shutDownWhatIsReplaced();
  }
}
