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
  private GrayLbConfig config = GrayLbConfig.DEFAULT;

  /** While addresses are handed to the lanes one by one, the picker waits for the last. */
  private boolean accepting;

  GrayLoadBalancer(Helper helper, LaneEndpoints endpoints, GrayCounts counts) {
    this.helper = helper;
    this.endpoints = endpoints;
    this.counts = counts;
  }

  @Override
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    Object given = resolved.getLoadBalancingPolicyConfig();
    config = given instanceof GrayLbConfig ? (GrayLbConfig) given : GrayLbConfig.DEFAULT;
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
    accepting = true;
    lanes
        .entrySet()
        .removeIf(
            known -> {
              boolean gone =
                  !byLane.containsKey(known.getKey()) || !known.getValue().isOf(config.child);
              if (gone) {
                known.getValue().shutdown();
              }
              return gone;
            });
    byLane.forEach((lane, groups) -> accept(lane, groups, resolved));
    accepting = false;
    publish();
    return Status.OK;
  }

  private void accept(
      String lane, List<EquivalentAddressGroup> groups, ResolvedAddresses resolved) {
    LaneChild child = lanes.get(lane);
    if (child == null) {
      child = new LaneChild(lane, helper, endpoints, config.child, this::publish);
      lanes.put(lane, child);
    }
    child.accept(
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
        return;
      }
    }
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
  }
}
