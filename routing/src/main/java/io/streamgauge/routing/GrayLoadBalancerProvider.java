package io.streamgauge.routing;

import io.grpc.Attributes;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.NameResolver.ConfigOrError;
import io.streamgauge.Streamgauge;
import io.streamgauge.spi.CallRouting;
import java.util.Map;

/**
 * The load-balancing policy {@value #POLICY}: each call to the lane of its gray tag, else to the
 * baseline, and every attempt counted. gRPC finds it as a service; choose it with {@code
 * channelBuilder.defaultLoadBalancingPolicy("gray_prefer")} or in a service config.
 */
public final class GrayLoadBalancerProvider extends LoadBalancerProvider {

  /** The policy's name. */
  public static final String POLICY = "gray_prefer";

  /**
   * Of an {@link io.grpc.EquivalentAddressGroup}: the gray tag of the endpoint, without it the
   * baseline. The name resolver {@code lane:} sets it; your own may.
   */
  public static final Attributes.Key<String> LANE =
      Attributes.Key.create("io.streamgauge.routing.lane");

  private final LaneEndpoints endpoints;
  private final int priority;

  /** For gRPC's registry; the numbers of endpoints go through OpenTelemetry's global API. */
  public GrayLoadBalancerProvider() {
    this(LaneEndpoints.global(), 5);
  }

  private GrayLoadBalancerProvider(LaneEndpoints endpoints, int priority) {
    this.endpoints = endpoints;
    this.priority = priority;
  }

  /**
   * Registers the policy so that a gauge shows the numbers of endpoints as {@code
   * gray_lane_endpoints}; for channels that are built from now on, and instead of the one gRPC has
   * found. Attempts are counted by the gauge that watches the call, registered or not.
   *
   * @return undoes it
   */
  public static Runnable register(Streamgauge gauge) {
    LaneEndpoints endpoints = new LaneEndpoints();
    GrayLoadBalancerProvider provider = new GrayLoadBalancerProvider(endpoints, 6);
    LoadBalancerRegistry registry = LoadBalancerRegistry.getDefaultRegistry();
    Runnable hide = CallRouting.laneEndpoints(gauge, endpoints::counts);
    registry.register(provider);
    return () -> {
      registry.deregister(provider);
      hide.run();
    };
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public int getPriority() {
    return priority;
  }

  @Override
  public String getPolicyName() {
    return POLICY;
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    return new GrayLoadBalancer(helper, endpoints, new GrayCounts());
  }

  @Override
  public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> rawConfig) {
    return GrayLbConfig.parse(rawConfig);
  }
}
