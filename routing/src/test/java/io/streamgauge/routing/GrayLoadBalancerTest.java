package io.streamgauge.routing;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;
import static io.streamgauge.routing.BalancerRig.FIRST;
import static io.streamgauge.routing.BalancerRig.SECOND;
import static io.streamgauge.routing.BalancerRig.endpoint;
import static io.streamgauge.routing.BalancerRig.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Status;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a channel may expect of the policy, and a child policy of its lane (LoadBalancer's Javadoc).
 */
class GrayLoadBalancerTest {

  private static final Attributes.Key<String> VERSION = Attributes.Key.create("version");
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final Map<String, ?> HALF_A_SECOND = Map.of("connectWait", "0.5s");
  private static final Status REFUSED =
      Status.UNAVAILABLE
          .withDescription("refused by 10.0.0.2")
          .withCause(new IOException("connection refused"));

  private final BalancerRig rig = new BalancerRig();

  @AfterEach
  void nothingWasThrown() {
    rig.close();
    assertThat(rig.thrown).isEmpty();
  }

  @Test
  void aCallWaitsForASilentLaneExactlyConnectWait() {
    rig.resolve(HALF_A_SECOND, endpoint("baseline", 1), endpoint("canary", 2));
    rig.connection(1).becomes(CONNECTING);
    rig.connection(1).becomes(READY);
    rig.connection(2).becomes(CONNECTING);
    assertThat(rig.scheduler.pendingNanos()).containsExactly(WAIT_NANOS);

    rig.scheduler.forward(WAIT_NANOS - 1);
    assertThat(rig.pickedPort("canary")).isZero();
    rig.scheduler.forward(1);
    assertThat(rig.pickedPort("canary")).isEqualTo(1);
    assertThat(rig.scheduler.pendingNanos()).isEmpty();

    rig.connection(2).becomes(READY);
    assertThat(rig.pickedPort("canary")).isEqualTo(2);
  }

  @Test
  void anAttributeThatChangesTakesNothingFromAConnectedLane() {
    rig.resolve(
        HALF_A_SECOND,
        endpoint("baseline", 1),
        endpoint("canary", 2, Attributes.newBuilder().set(VERSION, "1").build()));
    rig.connection(1).becomes(READY);
    rig.connection(2).becomes(READY);
    rig.resolve(
        HALF_A_SECOND,
        endpoint("baseline", 1),
        endpoint("canary", 2, Attributes.newBuilder().set(VERSION, "2").build()));
    assertThat(rig.pickedPort("canary")).isEqualTo(2);
    assertThat(rig.scheduler.pendingNanos()).isEmpty();
  }

  @Test
  void anAttributeThatChangesGivesASlowLaneNoOtherWait() {
    rig.resolve(HALF_A_SECOND, endpoint("baseline", 1), endpoint("canary", 2));
    rig.connection(1).becomes(READY);
    rig.connection(2).becomes(CONNECTING);
    rig.scheduler.forward(WAIT_NANOS);
    rig.resolve(
        HALF_A_SECOND,
        endpoint("baseline", 1),
        endpoint("canary", 2, Attributes.newBuilder().set(VERSION, "2").build()));
    assertThat(rig.pickedPort("canary")).isEqualTo(1);
    assertThat(rig.scheduler.pendingNanos()).isEmpty();
  }

  @Test
  void otherEndpointsOfASlowLaneHaveTheWholeWait() {
    rig.resolve(HALF_A_SECOND, endpoint("baseline", 1), endpoint("canary", 2));
    rig.connection(1).becomes(READY);
    rig.connection(2).becomes(CONNECTING);
    rig.scheduler.forward(WAIT_NANOS);
    rig.resolve(HALF_A_SECOND, endpoint("baseline", 1), endpoint("canary", 3));
    assertThat(rig.pickedPort("canary")).isZero();
    assertThat(rig.scheduler.pendingNanos()).containsExactly(WAIT_NANOS);
  }

  @Test
  void otherEndpointsOfAFailedLaneAreWaitedFor() {
    rig.resolve(HALF_A_SECOND, endpoint("baseline", 1), endpoint("canary", 2));
    rig.connection(1).becomes(READY);
    rig.connection(2).fails(REFUSED);
    assertThat(rig.pickedPort("canary")).isEqualTo(1);
    rig.resolve(HALF_A_SECOND, endpoint("baseline", 1), endpoint("canary", 3));
    assertThat(rig.pickedPort("canary")).isZero();
    assertThat(rig.scheduler.pendingNanos()).containsExactly(WAIT_NANOS);
  }

  /** A child that keeps its connections until it has others says READY all the time. */
  @Test
  void aChildThatStaysReadyWithOtherEndpointsKeepsItsPicker() {
    rig.resolve(policy(FIRST), endpoint("canary", 2));
    rig.child(FIRST, "canary").isReady(2);
    rig.resolve(policy(FIRST), endpoint("canary", 3));
    assertThat(rig.state).isEqualTo(READY);
    assertThat(rig.pickedPort("canary")).isEqualTo(2);
    assertThat(rig.scheduler.pendingNanos()).isEmpty();
  }

  @Test
  void whatAChildAnswersIsReturned() {
    assertThat(rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2)).isOk())
        .isTrue();
    rig.child(FIRST, "canary").answer = Status.FAILED_PRECONDITION.withDescription("no weight");
    Status answer = rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    assertThat(answer.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(answer.getDescription()).isEqualTo("gray_prefer: lane canary: no weight");
  }

  @Test
  void aLaneThatFailsSaysWhy() {
    rig.resolve(Map.of("fallback", "none"), endpoint("baseline", 1), endpoint("canary", 2));
    rig.connection(1).becomes(READY);
    rig.connection(2).fails(REFUSED);
    Status status = rig.pick("canary").getStatus();
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription())
        .isEqualTo("gray_prefer: lane canary: cannot be connected to: refused by 10.0.0.2");
    assertThat(status.getCause()).isSameAs(REFUSED.getCause());
  }

  @Test
  void aLaneSaysItWhileItTriesAgainToo() {
    rig.resolve(policy(FIRST, "fallback", "none"), endpoint("baseline", 1), endpoint("canary", 2));
    rig.child(FIRST, "canary").fails(REFUSED);
    rig.child(FIRST, "canary").isConnecting();
    assertThat(rig.pick("canary").getStatus().getDescription()).contains("refused by 10.0.0.2");
    rig.child(FIRST, "baseline").fails(REFUSED);
    rig.child(FIRST, "baseline").isConnecting();
    assertThat(rig.state).isEqualTo(TRANSIENT_FAILURE);
    assertThat(rig.pick(null).getStatus()).isEqualTo(REFUSED);
  }

  @Test
  void aLaneIsShutDownAfterTheChannelHasAPickerWithoutIt() {
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    rig.child(FIRST, "baseline").isReady(1);
    rig.child(FIRST, "canary").isReady(2);
    rig.events.clear();
    rig.resolve(policy(FIRST), endpoint("baseline", 1));
    assertThat(rig.events).containsExactly("published READY", "shut down first_by_hand of canary");
  }

  @Test
  void anotherChildPolicyTakesOverWhenItIsReady() {
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    rig.child(FIRST, "baseline").isReady(1);
    rig.child(FIRST, "canary").isReady(2);
    rig.events.clear();
    rig.resolve(policy(SECOND), endpoint("baseline", 11), endpoint("canary", 12));
    assertThat(rig.events).containsExactly("published READY");
    assertThat(rig.pickedPort("canary")).isEqualTo(2);

    rig.child(SECOND, "canary").isConnecting();
    assertThat(rig.pickedPort("canary")).isEqualTo(2);
    rig.events.clear();
    rig.child(SECOND, "canary").isReady(12);
    assertThat(rig.events).containsExactly("published READY", "shut down first_by_hand of canary");
    assertThat(rig.pickedPort("canary")).isEqualTo(12);
    assertThat(rig.pickedPort(null)).isEqualTo(1);

    // The old one is not ready any more, so there is nothing to keep.
    rig.child(FIRST, "baseline").isConnecting();
    assertThat(rig.child(SECOND, "baseline").isShutDown).isFalse();
    assertThat(rig.events).contains("shut down first_by_hand of baseline");
    assertThat(rig.pickedPort(null)).isZero();
  }

  @Test
  void aChildPolicyThatIsTakenBackBeforeItIsReadyIsShutDown() {
    rig.resolve(policy(FIRST), endpoint("canary", 2));
    rig.child(FIRST, "canary").isReady(2);
    rig.resolve(policy(SECOND), endpoint("canary", 2));
    PolicyByHand.Child second = rig.child(SECOND, "canary");
    rig.resolve(policy(FIRST), endpoint("canary", 2));
    assertThat(second.isShutDown).isTrue();
    second.isReady(12);
    assertThat(rig.pickedPort("canary")).isEqualTo(2);
  }

  @Test
  void anotherChildPolicyOfAFailedLaneHasTheWholeWait() {
    rig.resolve(policy(FIRST, "connectWait", "0.5s"), endpoint("canary", 2));
    rig.child(FIRST, "canary").fails(REFUSED);
    assertThat(rig.scheduler.pendingNanos()).isEmpty();
    rig.events.clear();
    rig.resolve(policy(SECOND, "connectWait", "0.5s"), endpoint("canary", 2));
    assertThat(rig.events)
        .containsExactly("published CONNECTING", "shut down first_by_hand of canary");
    assertThat(rig.pickedPort("canary")).isZero();
    assertThat(rig.scheduler.pendingNanos()).containsExactly(WAIT_NANOS);
  }

  @Test
  void anUpdateThatIsRefusedLeavesTheConfigInForce() {
    rig.resolve(policy(FIRST, "fallback", "none"), endpoint("baseline", 1));
    assertThat(rig.resolve(policy(FIRST, "fallback", "baseline")).getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
    rig.child(FIRST, "baseline").isReady(1);
    assertThat(rig.pick("canary").getStatus().getDescription())
        .isEqualTo("gray_prefer: lane canary: no endpoint");
  }

  @Test
  void aLaneThatHasFailedIsConnectedAgainOutsideOfItsUpdate() {
    rig.resolve(policy(FIRST), endpoint("canary", 2));
    PolicyByHand.Child canary = rig.child(FIRST, "canary");
    canary.fails(REFUSED);
    canary.says(IDLE, PickResult.withNoResult());
    assertThat(canary.asked).isEqualTo(1);
    assertThat(canary.askedWhileUpdating).isZero();
  }

  @Test
  void anAuthorityThatAChildHasChosenIsKept() throws Exception {
    boolean since =
        Arrays.stream(PickResult.class.getMethods())
            .anyMatch(method -> method.getName().equals("getAuthorityOverride"));
    assumeTrue(since, "1.75 has it, 1.68 not yet");
    rig.resolve(policy(FIRST), endpoint("canary", 2));
    rig.child(FIRST, "canary").isReady(2);
    Subchannel connection = rig.pick("canary").getSubchannel();
    PickResult chosen =
        (PickResult)
            PickResult.class
                .getMethod(
                    "withSubchannel",
                    Subchannel.class,
                    ClientStreamTracer.Factory.class,
                    String.class)
                .invoke(null, connection, null, "orders.example");
    rig.child(FIRST, "canary").says(READY, chosen);
    PickResult picked = rig.pick("canary");
    assertThat(picked.getSubchannel()).isSameAs(connection);
    assertThat(picked.getStreamTracerFactory()).isNotNull();
    assertThat(told(picked, "getAuthorityOverride")).isEqualTo("orders.example");
  }

  @Test
  void aCallThatWaitsIsToldForWhat() throws Exception {
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    PickResult before = rig.pick("canary");
    rig.child(FIRST, "canary").isConnecting();
    PickResult during = rig.pick("canary");
    for (PickResult waiting : List.of(before, during)) {
      assertThat(waiting.getSubchannel()).isNull();
      assertThat(waiting.getStatus().isOk()).isTrue();
    }
    boolean since =
        Arrays.stream(PickResult.class.getMethods())
            .anyMatch(method -> method.getName().equals("getDelayReason"));
    assumeTrue(since, "1.85 has it, 1.82 not yet");
    for (PickResult waiting : List.of(before, during)) {
      assertThat(told(waiting, "getDelayType")).isEqualTo("connecting");
      assertThat(told(waiting, "getDelayReason")).isEqualTo("gray_prefer: lane canary");
    }
    rig.child(FIRST, "canary")
        .says(
            CONNECTING,
            (PickResult)
                PickResult.class
                    .getMethod("withNoResult", String.class, String.class)
                    .invoke(null, "assignment", "of shards"));
    assertThat(told(rig.pick("canary"), "getDelayType")).isEqualTo("assignment");
    assertThat(told(rig.pick("canary"), "getDelayReason"))
        .isEqualTo("gray_prefer: lane canary: of shards");
  }

  private static Object told(PickResult picked, String method) throws Exception {
    return PickResult.class.getMethod(method).invoke(picked);
  }

  @Test
  void aChannelIsWhatTheBestOfItsLanesIs() {
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    assertThat(rig.state).isEqualTo(CONNECTING);
    rig.child(FIRST, "baseline").fails(REFUSED);
    assertThat(rig.state).isEqualTo(CONNECTING);
    rig.child(FIRST, "canary").says(IDLE, PickResult.withNoResult());
    assertThat(rig.state).isEqualTo(IDLE);
    rig.child(FIRST, "canary").fails(REFUSED);
    assertThat(rig.state).isEqualTo(TRANSIENT_FAILURE);
    rig.child(FIRST, "baseline").isReady(1);
    assertThat(rig.state).isEqualTo(READY);
  }

  @Test
  void aNameThatIsNotFoundFailsCallsOnlyWhereNothingIsKnown() {
    Status notFound = Status.UNAVAILABLE.withDescription("no such host");
    rig.inContext(() -> rig.balancer.handleNameResolutionError(notFound));
    assertThat(rig.state).isEqualTo(TRANSIENT_FAILURE);
    assertThat(rig.pick("canary").getStatus()).isEqualTo(notFound);

    rig.resolve(policy(FIRST), endpoint("canary", 2));
    rig.child(FIRST, "canary").isReady(2);
    rig.events.clear();
    rig.inContext(() -> rig.balancer.handleNameResolutionError(notFound));
    assertThat(rig.events).isEmpty();
    assertThat(rig.pickedPort("canary")).isEqualTo(2);
  }

  @Test
  void aChannelThatWakesUpWakesEveryLane() {
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    rig.inContext(rig.balancer::requestConnection);
    assertThat(rig.children).extracting(child -> child.asked).containsExactly(1, 1);
  }

  @Test
  void afterShutdownNothingIsToldAndNothingIsLeft() {
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    rig.child(FIRST, "baseline").isReady(1);
    rig.resolve(policy(SECOND), endpoint("baseline", 1), endpoint("canary", 2));
    List<PolicyByHand.Child> children = List.copyOf(rig.children);
    PolicyByHand.Child canary = rig.child(SECOND, "canary");
    canary.fails(REFUSED);
    rig.inContext(
        () -> {
          canary.says(IDLE, PickResult.withNoResult());
          rig.balancer.shutdown();
          rig.balancer.shutdown();
        });
    assertThat(children).hasSize(4).allMatch(child -> child.isShutDown);
    assertThat(rig.events.stream().filter(event -> event.startsWith("shut down"))).hasSize(4);
    assertThat(canary.asked).isZero();
    assertThat(rig.scheduler.pendingNanos()).isEmpty();
    rig.events.clear();
    children.forEach(child -> child.isReady(2));
    rig.scheduler.forward(TimeUnit.MINUTES.toNanos(1));
    assertThat(rig.events).isEmpty();
  }

  /** The channel panics then, and shuts the policy down. */
  @Test
  void aChildPolicyThatThrowsLeavesNothingBehindEither() {
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("blue", 3));
    rig.noChildCanBeMade = true;
    rig.resolve(policy(FIRST), endpoint("baseline", 1), endpoint("canary", 2));
    assertThat(rig.thrown).hasSize(1);
    rig.inContext(rig.balancer::shutdown);
    assertThat(rig.children).hasSize(2).allMatch(child -> child.isShutDown);
    assertThat(rig.thrown).hasSize(1);
    assertThat(rig.scheduler.pendingNanos()).isEmpty();
    rig.thrown.clear();
  }

  @Test
  void afterShutdownEveryConnectionIsClosed() {
    rig.resolve(HALF_A_SECOND, endpoint("baseline", 1), endpoint("canary", 2));
    rig.connection(1).becomes(READY);
    rig.inContext(rig.balancer::shutdown);
    assertThat(rig.connections).hasSize(2).allMatch(connection -> connection.isShutDown);
    rig.events.clear();
    rig.connections.forEach(connection -> connection.becomes(io.grpc.ConnectivityState.SHUTDOWN));
    assertThat(rig.events).isEmpty();
    assertThat(rig.scheduler.pendingNanos()).isEmpty();
  }
}
