package io.streamgauge.routing;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The policy over Netty: who gets a call, and that every attempt is counted once. */
class GrayPreferTest {

  private final LaneRig rig = new LaneRig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @Test
  void grpcFindsThePolicyAndTheResolver() {
    assertThat(LoadBalancerRegistry.getDefaultRegistry().getProvider("gray_prefer")).isNotNull();
    assertThat(new LaneNameResolverProvider().getDefaultScheme()).isEqualTo("lane");
  }

  @Test
  void tenThousandMixedCallsEachOnItsLane() throws Exception {
    List<LaneInstance> instances =
        List.of(rig.lane("baseline"), rig.lane("canary"), rig.lane("blue"));
    ManagedChannel channel = rig.channel(Map.of());
    String[] tags = {null, "canary", "blue", "nobody"};
    Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
    Semaphore room = new Semaphore(64);
    for (int i = 0; i < 10_000; i++) {
      room.acquire();
      String tag = tags[i % 4];
      ClientCall<String, String> call = channel.newCall(TestMethods.UNARY, LaneRig.tagged(tag));
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(String name) {
              answers
                  .computeIfAbsent(tag + " by " + name, key -> new AtomicInteger())
                  .incrementAndGet();
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              if (!status.isOk()) {
                answers.computeIfAbsent(status.toString(), key -> new AtomicInteger());
              }
              room.release();
            }
          },
          new Metadata());
      call.request(2);
      call.sendMessage("who");
      call.halfClose();
    }
    room.acquire(64);

    assertThat(answers.keySet())
        .containsExactlyInAnyOrder(
            "null by baseline", "canary by canary", "blue by blue", "nobody by baseline");
    assertThat(answers.values()).allMatch(count -> count.get() == 2_500);
    assertThat(instances).extracting(each -> each.calls.get()).containsExactly(5_000, 2_500, 2_500);
    assertThat(rig.attempts("match")).isEqualTo(5_000);
    assertThat(rig.attempts("baseline")).isEqualTo(2_500);
    assertThat(rig.attempts("fallback_no_endpoint")).isEqualTo(2_500);
    assertThat(
            rig.scrape().sum("grpc_gray_attempts_total", "outcome", "match", "gray_tag", "canary"))
        .isEqualTo(2_500);
    assertThat(rig.endpoints("canary", "ready")).isEqualTo(1);
    assertThat(rig.scrape().sum("gray_lane_endpoints")).isEqualTo(3);
    assertThat(rig.spans.getFinishedSpanItems())
        .filteredOn(span -> span.getKind() == SpanKind.CLIENT)
        .allSatisfy(
            span ->
                assertThat(span.getAttributes().get(AttributeKey.stringKey("gray.outcome")))
                    .isNotNull());
  }

  @Test
  void aTagInTheHeadersAloneIsEnough() throws Exception {
    rig.lane("baseline");
    rig.lane("canary");
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-env-tag", Metadata.ASCII_STRING_MARSHALLER), "canary");
    ManagedChannel channel = rig.channel(Map.of());
    String answer =
        ClientCalls.blockingUnaryCall(
            io.grpc.ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
            TestMethods.UNARY,
            CallOptions.DEFAULT,
            "who");
    assertThat(answer).isEqualTo("canary");
  }

  /** It waits for its own lane, whichever lane is ready first. */
  @Test
  void theFirstCallOnAColdChannelDoesNotLeak() throws Exception {
    rig.lane("baseline");
    rig.lane("canary");
    for (int i = 0; i < 40; i++) {
      ManagedChannel cold = rig.channel(Map.of());
      assertThat(LaneRig.ask(cold, i % 2 == 0 ? "canary" : null))
          .isEqualTo(i % 2 == 0 ? "canary" : "baseline");
      cold.shutdownNow();
    }
    assertThat(rig.attempts("match")).isEqualTo(20);
  }

  @Test
  void untaggedCallsNeverUseATaggedLane() throws Exception {
    rig.lane("canary");
    ManagedChannel strict = rig.channel(Map.of());
    assertThatThrownBy(() -> LaneRig.ask(strict, (String) null))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAVAILABLE")
        .hasMessageContaining("baseline: no endpoint");
    assertThat(rig.attempts("rejected")).isEqualTo(1);
    assertThat(LaneRig.ask(strict, "canary")).isEqualTo("canary");

    ManagedChannel lenient = rig.channel(Map.of("baselineEmpty", "any"));
    assertThat(LaneRig.ask(lenient, (String) null)).isEqualTo("canary");
  }

  @Test
  void strictModeFailsWhereThereIsNoLane() throws Exception {
    rig.lane("baseline");
    ManagedChannel channel = rig.channel(Map.of("fallback", "none"));
    assertThatThrownBy(() -> LaneRig.ask(channel, "canary"))
        .hasMessageContaining("UNAVAILABLE")
        .hasMessageContaining("lane canary: no endpoint");
    assertThat(rig.attempts("rejected")).isEqualTo(1);
    assertThat(rig.attempts("baseline")).isZero();
    // A lane that comes is used from the next call on; one that waits for it goes there.
    TestCall waiting =
        TestCall.start(channel, TestMethods.UNARY, LaneRig.tagged("canary").withWaitForReady());
    waiting.send("who");
    waiting.halfClose();
    rig.lane("canary");
    assertThat(waiting.awaitEnd().getCode()).isEqualTo(Status.Code.OK);
    assertThat(waiting.messages()).containsExactly("canary");
    assertThat(rig.attempts("match")).isEqualTo(1);
    assertThat(rig.attempts("rejected")).isEqualTo(1);
  }

  @Test
  void anOpenStreamOutlivesTheRemovalOfItsLane() throws Exception {
    rig.lane("baseline");
    rig.lane("canary");
    ManagedChannel channel = rig.channel(Map.of());
    TestCall stream = TestCall.start(channel, TestMethods.BIDI, LaneRig.tagged("canary"));
    stream.send("a");
    await().until(() -> stream.received() == 1);
    rig.endpoints("canary");
    await().until(() -> LaneRig.ask(channel, "canary").equals("baseline"));
    assertThat(rig.endpoints("canary", "ready")).isZero();

    stream.send("b");
    stream.halfClose();
    assertThat(stream.awaitEnd().getCode()).isEqualTo(Status.Code.OK);
    assertThat(stream.messages()).containsExactly("canary", "canary");
  }

  /** How long exactly: GrayLoadBalancerTest. */
  @Test
  void aLaneThatNeverSpeaksIsWaitedForOnlySoLong() throws Exception {
    rig.lane("baseline");
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      rig.endpoints("canary", LaneRig.address(silent.getLocalPort()));
      ManagedChannel cold = rig.channel(Map.of("connectWait", "0.5s"));
      for (int i = 1; i <= 3; i++) {
        assertThat(LaneRig.ask(cold, "canary")).isEqualTo("baseline");
        assertThat(rig.attempts("fallback_slow_connect")).isEqualTo(i);
      }
      assertThat(rig.scrape().sum("grpc_gray_attempts_total")).isEqualTo(3);
    }
  }

  @Test
  void aChannelWithAWrongConfigIsNotBuilt() {
    assertThatThrownBy(() -> rig.channel(Map.of("fallback", "sometimes")))
        .hasMessageContaining("gray_prefer: fallback: baseline, none or any, not sometimes");
  }

  @ParameterizedTest
  @CsvSource({
    "fallback, sometimes, fallback: baseline",
    "connectWait, 1, connectWait: a duration",
    "baselineEmpty, maybe, baselineEmpty: fail or any",
    "header, X Tag, header: not a metadata key",
    "header, x-tag-bin, header: not a metadata key",
    "childPolicy, round_robin, childPolicy: none of",
    "fallbak, none, unknown key fallbak"
  })
  void aWrongConfigNamesItsKey(String key, String value, String said) {
    assertThat(
            new GrayLoadBalancerProvider()
                .parseLoadBalancingPolicyConfig(Map.of(key, value))
                .getError()
                .getDescription())
        .startsWith("gray_prefer: " + said);
  }
}
