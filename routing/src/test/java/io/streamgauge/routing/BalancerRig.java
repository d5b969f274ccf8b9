package io.streamgauge.routing;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The real policy as a channel drives it: through a {@link LoadBalancer.Helper} whose connections
 * and time the test moves by hand. Everything runs on the test's thread.
 */
final class BalancerRig implements AutoCloseable {

  /** Child policies that do what the test says; two, so that one can take over from the other. */
  static final String FIRST = "first_by_hand";

  static final String SECOND = "second_by_hand";

  final ManualScheduler scheduler = new ManualScheduler();

  /** What happened, in this order. */
  final List<String> events = new ArrayList<>();

  /** Connections that were made, in this order, also those that were shut down. */
  final List<Connection> connections = new ArrayList<>();

  /** Child policies that were made, in this order. */
  final List<PolicyByHand.Child> children = new ArrayList<>();

  /** Thrown in the synchronization context; a channel would panic. */
  final List<Throwable> thrown = new ArrayList<>();

  /** Child policies throw when they are made. */
  boolean noChildCanBeMade;

  ConnectivityState state;
  SubchannelPicker picker;

  private final SynchronizationContext context =
      new SynchronizationContext((thread, failure) -> thrown.add(failure));
  private final GrayLoadBalancerProvider provider = new GrayLoadBalancerProvider();
  private final List<PolicyByHand> policies =
      List.of(new PolicyByHand(FIRST, this), new PolicyByHand(SECOND, this));
  final LoadBalancer balancer;

  BalancerRig() {
    policies.forEach(LoadBalancerRegistry.getDefaultRegistry()::register);
    balancer = provider.newLoadBalancer(new ChannelHelper());
  }

  @Override
  public void close() {
    policies.forEach(LoadBalancerRegistry.getDefaultRegistry()::deregister);
  }

  /** Runs as everything that a channel tells a balancer. */
  void inContext(Runnable task) {
    context.execute(task);
  }

  /** Hands endpoints to the policy, its config as in a service config. */
  Status resolve(Map<String, ?> config, EquivalentAddressGroup... endpoints) {
    ConfigOrError parsed = provider.parseLoadBalancingPolicyConfig(config);
    if (parsed.getError() != null) {
      throw new IllegalArgumentException(parsed.getError().getDescription());
    }
    Status[] answer = new Status[1];
    inContext(
        () ->
            answer[0] =
                balancer.acceptResolvedAddresses(
                    ResolvedAddresses.newBuilder()
                        .setAddresses(List.of(endpoints))
                        .setLoadBalancingPolicyConfig(parsed.getConfig())
                        .build()));
    return answer[0];
  }

  static Map<String, ?> policy(String name) {
    return Map.of("childPolicy", List.of(Map.of(name, Map.of())));
  }

  static Map<String, ?> policy(String name, String key, String value) {
    Map<String, Object> config = new LinkedHashMap<>(policy(name));
    config.put(key, value);
    return config;
  }

  /** An endpoint of a lane; the port stands for the address. */
  static EquivalentAddressGroup endpoint(String lane, int port) {
    return endpoint(lane, port, Attributes.EMPTY);
  }

  static EquivalentAddressGroup endpoint(String lane, int port, Attributes more) {
    Attributes.Builder attributes = more.toBuilder();
    if (!lane.equals("baseline")) {
      attributes.set(GrayLoadBalancerProvider.LANE, lane);
    }
    return new EquivalentAddressGroup(TestTransport.loopback(port), attributes.build());
  }

  /** The newest connection to a port. */
  Connection connection(int port) {
    return connections.stream()
        .filter(each -> each.port() == port)
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  /** The newest child policy of a lane that has not been shut down. */
  PolicyByHand.Child child(String policy, String lane) {
    return children.stream()
        .filter(each -> each.policy().equals(policy) && lane.equals(each.lane) && !each.isShutDown)
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  /** Where a call would go now; null for the baseline's tag. */
  PickResult pick(String tag) {
    CallOptions options =
        tag == null
            ? CallOptions.DEFAULT
            : CallOptions.DEFAULT.withOption(GrayTags.CALL_OPTION, GrayTag.of(tag));
    PickResult[] picked = new PickResult[1];
    inContext(() -> picked[0] = picker.pickSubchannel(new Args(options)));
    return picked[0];
  }

  /** The port a call would go to; 0 if it would wait. */
  int pickedPort(String tag) {
    PickResult picked = pick(tag);
    if (!picked.getStatus().isOk()) {
      throw new AssertionError("picked " + picked.getStatus());
    }
    return picked.getSubchannel() == null ? 0 : port(picked.getSubchannel());
  }

  private static int port(Subchannel subchannel) {
    return ((java.net.InetSocketAddress) subchannel.getAddresses().getAddresses().get(0)).getPort();
  }

  private static final class Args extends LoadBalancer.PickSubchannelArgs {
    private final CallOptions options;
    private final Metadata headers = new Metadata();

    Args(CallOptions options) {
      this.options = options;
    }

    @Override
    public CallOptions getCallOptions() {
      return options;
    }

    @Override
    public Metadata getHeaders() {
      return headers;
    }

    @Override
    public MethodDescriptor<?, ?> getMethodDescriptor() {
      return TestMethods.UNARY;
    }
  }

  Connection newConnection(EquivalentAddressGroup endpoint) {
    return new Connection(CreateSubchannelArgs.newBuilder().setAddresses(endpoint).build());
  }

  private final class ChannelHelper extends LoadBalancer.Helper {
    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
      Connection connection = new Connection(args);
      connections.add(connection);
      return connection;
    }

    @Override
    public ManagedChannel createOobChannel(EquivalentAddressGroup group, String authority) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void updateBalancingState(ConnectivityState newState, SubchannelPicker newPicker) {
      context.throwIfNotInThisSynchronizationContext();
      events.add("published " + newState);
      state = newState;
      picker = newPicker;
    }

    @Override
    public void refreshNameResolution() {}

    @Override
    @SuppressWarnings("deprecation") // of 1.60; later ones do not ask for it
    public void ignoreRefreshNameResolutionCheck() {}

    @Override
    public SynchronizationContext getSynchronizationContext() {
      return context;
    }

    @Override
    public ScheduledExecutorService getScheduledExecutorService() {
      return scheduler;
    }

    @Override
    public String getAuthority() {
      return "instances";
    }

    @Override
    public ChannelLogger getChannelLogger() {
      return new ChannelLogger() {
        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String format, Object... args) {}
      };
    }
  }

  /** A connection whose state the test tells. */
  final class Connection extends Subchannel {
    private final CreateSubchannelArgs args;
    private SubchannelStateListener listener;
    int asked;
    boolean isShutDown;

    Connection(CreateSubchannelArgs args) {
      this.args = args;
    }

    int port() {
      return BalancerRig.port(this);
    }

    void becomes(ConnectivityState now) {
      tell(ConnectivityStateInfo.forNonError(now));
    }

    void fails(Status reason) {
      tell(ConnectivityStateInfo.forTransientFailure(reason));
    }

    private void tell(ConnectivityStateInfo info) {
      inContext(() -> listener.onSubchannelState(info));
    }

    @Override
    public void start(SubchannelStateListener listener) {
      this.listener = listener;
    }

    @Override
    public void requestConnection() {
      asked++;
    }

    @Override
    public void shutdown() {
      isShutDown = true;
    }

    @Override
    public List<EquivalentAddressGroup> getAllAddresses() {
      return args.getAddresses();
    }

    @Override
    public Attributes getAttributes() {
      return args.getAttributes();
    }

    @Override
    public void updateAddresses(List<EquivalentAddressGroup> addresses) {}

    @Override
    public ChannelLogger getChannelLogger() {
      return new ChannelHelper().getChannelLogger();
    }

    @Override
    public Object getInternalSubchannel() {
      return this;
    }
  }
}
