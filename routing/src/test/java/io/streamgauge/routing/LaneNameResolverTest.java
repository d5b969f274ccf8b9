package io.streamgauge.routing;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.internal.DnsNameResolverProvider;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaneNameResolverTest {

  private final LaneRig rig = new LaneRig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static String list(LaneInstance... instances) {
    return Stream.of(instances)
        .map(each -> "127.0.0.1:" + each.address().getPort())
        .collect(Collectors.joining(","));
  }

  private ManagedChannel channel(String target) {
    ManagedChannelBuilder<?> builder =
        NettyChannelBuilder.forTarget(target)
            .usePlaintext()
            .defaultServiceConfig(
                Map.of(
                    "loadBalancingConfig",
                    List.of(
                        Map.of(GrayLoadBalancerProvider.POLICY, Map.of("connectWait", "20s")))));
    rig.gauge.install(builder);
    return rig.open(builder);
  }

  @Test
  void eachLaneIsResolvedByItsOwn() throws Exception {
    LaneInstance one = rig.instance("one");
    LaneInstance two = rig.instance("two");
    LaneInstance canary = rig.instance("canary");
    ManagedChannel channel =
        channel(
            "lane:///orders?baseline="
                + list(one, two)
                + "&canary=dns:///127.0.0.1:"
                + canary.address().getPort());
    assertThat(channel.authority()).isEqualTo("orders");
    for (int i = 0; i < 20; i++) {
      assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
      assertThat(LaneRig.ask(channel, (String) null)).isIn("one", "two");
    }
    assertThat(rig.attempts("match")).isEqualTo(20);
    await()
        .until(
            () -> {
              LaneRig.ask(channel, (String) null);
              return one.calls.get() > 0 && two.calls.get() > 0;
            });
  }

  /** Whatever has no scheme is DNS's, as before; here in any order of the class path. */
  @Test
  void aTargetWithoutASchemeIsNotOurs() throws Exception {
    LaneInstance one = rig.instance("one");
    NameResolverRegistry alone = new NameResolverRegistry();
    alone.register(new LaneNameResolverProvider());
    alone.register(new DnsNameResolverProvider());
    assertThat(alone.asFactory().getDefaultScheme()).isEqualTo("dns");
    ManagedChannel channel =
        rig.open(
            NettyChannelBuilder.forTarget("127.0.0.1:" + one.address().getPort()).usePlaintext());
    assertThat(LaneRig.ask(channel, (String) null)).isEqualTo("one");
  }

  /** One lane's names cannot be found; the others go on. */
  @Test
  void aLaneThatIsNotFoundIsALaneWithoutEndpoints() throws Exception {
    LaneInstance one = rig.instance("one");
    ManagedChannel channel =
        channel("lane:///orders?baseline=" + list(one) + "&canary=dns:///no-such-host.invalid:1");
    assertThat(LaneRig.ask(channel, "canary")).isEqualTo("one");
    assertThat(rig.attempts("fallback_no_endpoint")).isEqualTo(1);
  }

  /** gRPC asks again only where nothing was found at all; and untagged calls wait for theirs. */
  @Test
  void aLaneThatCannotBeFoundAtFirstIsAskedForAgain() throws Exception {
    LaneInstance one = rig.instance("one");
    LaneInstance canary = rig.instance("canary");
    AtomicInteger asked = new AtomicInteger();
    NameResolverProvider slow = new Failing(one, asked);
    NameResolverRegistry.getDefaultRegistry().register(slow);
    try {
      ManagedChannel channel =
          channel("lane:///orders?canary=" + list(canary) + "&baseline=failing:///one");
      assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
      await().ignoreExceptions().until(() -> LaneRig.ask(channel, (String) null).equals("one"));
      assertThat(asked.get()).isEqualTo(2);
    } finally {
      NameResolverRegistry.getDefaultRegistry().deregister(slow);
    }
  }

  /** Finds nothing when it is started, and the instance when it is asked again. */
  private static final class Failing extends NameResolverProvider {
    private final LaneInstance instance;
    private final AtomicInteger asked;

    Failing(LaneInstance instance, AtomicInteger asked) {
      this.instance = instance;
      this.asked = asked;
    }

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
      return "failing";
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      if (!target.getScheme().equals("failing")) {
        return null;
      }
      return new NameResolver() {
        private Listener2 listener;

        @Override
        public String getServiceAuthority() {
          return "one";
        }

        @Override
        public void start(Listener2 listener) {
          this.listener = listener;
          asked.incrementAndGet();
          listener.onError(Status.UNAVAILABLE.withDescription("not yet"));
        }

        @Override
        public void refresh() {
          if (asked.getAndSet(2) == 1) {
            EquivalentAddressGroup found = new EquivalentAddressGroup(instance.address());
            listener.onResult(ResolutionResult.newBuilder().setAddresses(List.of(found)).build());
          }
        }

        @Override
        public void shutdown() {}
      };
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lane:///orders",
        "lane:///?baseline=127.0.0.1:1",
        "lane:///orders?baseline",
        "lane:///orders?=127.0.0.1:1",
        "lane:///orders?baseline=127.0.0.1:1&baseline=127.0.0.1:2",
        "lane:///orders?baseline=127.0.0.1:1,there:2",
        "lane:///orders?baseline=nobody:///x"
      })
  void aTargetThatIsNoneFailsWhenTheChannelIsBuilt(String target) {
    assertThatThrownBy(() -> channel(target)).isInstanceOf(IllegalArgumentException.class);
  }
}
