package io.streamgauge.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
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
            .defaultLoadBalancingPolicy(GrayLoadBalancerProvider.POLICY);
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
    assertThat(one.calls.get()).isPositive();
    assertThat(two.calls.get()).isPositive();
    assertThat(rig.attempts("match")).isEqualTo(20);
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
