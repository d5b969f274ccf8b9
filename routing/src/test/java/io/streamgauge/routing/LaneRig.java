package io.streamgauge.routing;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Instances with lanes, a gauge, and channels to them whose list of endpoints the test changes. */
final class LaneRig implements AutoCloseable {

  private static final String SCHEME = "rig";

  final InMemorySpanExporter spans = InMemorySpanExporter.create();
  final CollectorRegistry registry = new CollectorRegistry();
  final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .build();
  final Streamgauge gauge =
      Streamgauge.builder()
          .openTelemetry(sdk)
          .prometheus(registry)
          .gray(GrayPolicy.builder().allow("canary", "blue").build())
          .build();
  private final Runnable unregister = GrayLoadBalancerProvider.register(gauge);

  /** What the resolver says of every endpoint, so that a test can change it and nothing else. */
  private static final Attributes.Key<Integer> VERSION = Attributes.Key.create("version");

  private int version;

  /** A service config that the resolver brings; null for none. */
  private Map<String, ?> resolvedConfig;

  /** Lane to addresses, in this order. */
  private final Map<String, List<InetSocketAddress>> lanes = new LinkedHashMap<>();

  private final List<Changing> resolvers = new ArrayList<>();
  private final List<AutoCloseable> closers = new ArrayList<>();
  private final NameResolverProvider provider = new Provider();

  LaneRig() {
    NameResolverRegistry.getDefaultRegistry().register(provider);
  }

  /** An instance that is not in any list yet. */
  LaneInstance instance(String name) throws IOException {
    LaneInstance instance = new LaneInstance(name);
    closers.add(instance);
    return instance;
  }

  /** An instance with an endpoint in a lane of its name. */
  LaneInstance lane(String name) throws IOException {
    LaneInstance instance = instance(name);
    endpoints(name, instance.address());
    return instance;
  }

  /** Gives a lane other endpoints; none takes it away. */
  void endpoints(String lane, InetSocketAddress... addresses) {
    synchronized (lanes) {
      if (addresses.length == 0) {
        lanes.remove(lane);
      } else {
        lanes.put(lane, List.of(addresses));
      }
      resolvers.forEach(Changing::tell);
    }
  }

  /** Resolves the same addresses again, another attribute on each. */
  void endpointsWithAnotherAttribute() {
    synchronized (lanes) {
      version++;
      resolvers.forEach(Changing::tell);
    }
  }

  /** Resolves the same addresses again, now with a config, which wins over the channel's own. */
  void resolvedConfig(Map<String, ?> policy) {
    synchronized (lanes) {
      resolvedConfig =
          Map.of("loadBalancingConfig", List.of(Map.of(GrayLoadBalancerProvider.POLICY, policy)));
      resolvers.forEach(Changing::tell);
    }
  }

  /** A watched channel; the policy's config as in a service config, and more beside it. */
  ManagedChannel channel(Map<String, ?> policy, Map<String, ?> more) {
    Map<String, Object> patient = new LinkedHashMap<>(policy);
    // Where the wait is not the subject, a slow machine must not end it.
    patient.putIfAbsent("connectWait", "20s");
    Map<String, Object> config = new LinkedHashMap<>(more);
    config.put("loadBalancingConfig", List.of(Map.of(GrayLoadBalancerProvider.POLICY, patient)));
    ManagedChannelBuilder<?> builder =
        NettyChannelBuilder.forTarget(SCHEME + ":///instances")
            .usePlaintext()
            .defaultServiceConfig(config);
    gauge.install(builder);
    return open(builder);
  }

  ManagedChannel channel(Map<String, ?> policy) {
    return channel(policy, Map.of());
  }

  ManagedChannel open(ManagedChannelBuilder<?> builder) {
    ManagedChannel channel = builder.build();
    closers.add(0, channel::shutdownNow);
    return channel;
  }

  static CallOptions tagged(String tag) {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS);
    return tag == null ? options : options.withOption(GrayTags.CALL_OPTION, GrayTag.of(tag));
  }

  /** The name of the instance that answers. */
  static String ask(ManagedChannel channel, CallOptions options) {
    return ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, options, "who");
  }

  static String ask(ManagedChannel channel, String tag) {
    return ask(channel, tagged(tag));
  }

  TestSeries scrape() {
    StringWriter text = new StringWriter();
    try {
      TextFormat.write004(text, registry.metricFamilySamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return TestSeries.parse(text.toString());
  }

  double attempts(String outcome) {
    return scrape().sum("grpc_gray_attempts_total", "outcome", outcome);
  }

  double endpoints(String lane, String state) {
    return scrape().sum("gray_lane_endpoints", "gray_tag", lane, "state", state);
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable closer : closers) {
      closer.close();
    }
    NameResolverRegistry.getDefaultRegistry().deregister(provider);
    unregister.run();
    gauge.close();
    sdk.close();
  }

  static InetSocketAddress address(int port) {
    return TestTransport.loopback(port);
  }

  private final class Provider extends NameResolverProvider {
    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 4;
    }

    @Override
    public String getDefaultScheme() {
      return SCHEME;
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      return SCHEME.equals(target.getScheme()) ? new Changing(args) : null;
    }
  }

  private final class Changing extends NameResolver {
    private final Args args;
    private Listener2 listener;

    Changing(Args args) {
      this.args = args;
    }

    @Override
    public String getServiceAuthority() {
      return "instances";
    }

    @Override
    public void start(Listener2 listener) {
      synchronized (lanes) {
        this.listener = listener;
        resolvers.add(this);
        tell();
      }
    }

    void tell() {
      List<EquivalentAddressGroup> groups = new ArrayList<>();
      lanes.forEach(
          (lane, addresses) -> {
            Attributes.Builder attributes = Attributes.newBuilder().set(VERSION, version);
            if (!lane.equals("baseline")) {
              attributes.set(GrayLoadBalancerProvider.LANE, lane);
            }
            Attributes built = attributes.build();
            addresses.forEach(address -> groups.add(new EquivalentAddressGroup(address, built)));
          });
      ResolutionResult.Builder result = ResolutionResult.newBuilder().setAddresses(groups);
      if (resolvedConfig != null) {
        result.setServiceConfig(args.getServiceConfigParser().parseServiceConfig(resolvedConfig));
      }
      listener.onResult(result.build());
    }

    @Override
    public void shutdown() {
      synchronized (lanes) {
        resolvers.remove(this);
      }
    }
  }
}
