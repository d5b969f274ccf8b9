package io.streamgauge.routing;

import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.Status;
import java.util.Map;

/** A child policy whose state and answers the test gives. */
final class PolicyByHand extends LoadBalancerProvider {
  private final String name;
  private final BalancerRig rig;

  PolicyByHand(String name, BalancerRig rig) {
    this.name = name;
    this.rig = rig;
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public int getPriority() {
    return 5;
  }

  @Override
  public String getPolicyName() {
    return name;
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    if (rig.noChildCanBeMade) {
      throw new IllegalStateException("no " + name);
    }
    Child child = new Child(name, rig, helper);
    rig.children.add(child);
    return child;
  }

  @Override
  public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> rawConfig) {
    return ConfigOrError.fromConfig(rawConfig);
  }

  /** The policy of one lane. */
  static final class Child extends LoadBalancer {
    private final String policy;
    private final BalancerRig rig;
    private final LoadBalancer.Helper helper;
    private boolean updating;
    String lane;
    Status answer = Status.OK;
    ResolvedAddresses accepted;
    int asked;
    int askedWhileUpdating;
    boolean isShutDown;

    Child(String policy, BalancerRig rig, LoadBalancer.Helper helper) {
      this.policy = policy;
      this.rig = rig;
      this.helper = helper;
    }

    String policy() {
      return policy;
    }

    /** Tells a state whose picker answers this. */
    void says(ConnectivityState now, PickResult result) {
      rig.inContext(
          () -> {
            updating = true;
            helper.updateBalancingState(
                now,
                new SubchannelPicker() {
                  @Override
                  public PickResult pickSubchannel(PickSubchannelArgs args) {
                    return result;
                  }
                });
            updating = false;
          });
    }

    /** Connected to a port. */
    void isReady(int port) {
      Subchannel connection = rig.newConnection(BalancerRig.endpoint(lane, port));
      says(ConnectivityState.READY, PickResult.withSubchannel(connection));
    }

    void isConnecting() {
      says(ConnectivityState.CONNECTING, PickResult.withNoResult());
    }

    void fails(Status reason) {
      says(ConnectivityState.TRANSIENT_FAILURE, PickResult.withError(reason));
    }

    @Override
    public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
      String given =
          resolved.getAddresses().get(0).getAttributes().get(GrayLoadBalancerProvider.LANE);
      lane = given == null ? "baseline" : given;
      accepted = resolved;
      return answer;
    }

    @Override
    public void handleNameResolutionError(Status error) {
      rig.events.add(policy + " of " + lane + " told of " + error.getDescription());
    }

    @Override
    public void requestConnection() {
      asked++;
      if (updating) {
        askedWhileUpdating++;
      }
    }

    @Override
    public void shutdown() {
      rig.events.add("shut down " + policy + " of " + lane);
      isShutDown = true;
    }
  }
}
