package io.streamgauge.routing;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.SHUTDOWN;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancerProvider;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.grpc.util.ForwardingLoadBalancerHelper;
import java.net.SocketAddress;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One lane: a child policy over its endpoints, its state, and how long it has been connecting.
 * Another child policy takes over once it has left CONNECTING or the one in use has left READY, as
 * in grpc's GracefulSwitchLoadBalancer. All in the channel's synchronization context.
 */
final class LaneChild {

  private final String lane;
  private final LoadBalancer.Helper helper;
  private final LaneEndpoints endpoints;
  private final Runnable changed;
  private final Consumer<Runnable> afterPublishing;
  private long connectWaitNanos;

  /** The policy whose picker is in use. */
  private Child current;

  /** The policy that is to take over; null for none. */
  private Child pending;

  private ConnectivityState state = CONNECTING;
  private SubchannelPicker picker = new WaitingPicker();
  private ScheduledHandle waiting;
  private boolean slow;
  private boolean over;

  /** An earlier failure says nothing of the endpoints or of the policy that came since. */
  private boolean renewed;

  private Set<SocketAddress> known = Collections.emptySet();

  /**
   * One without endpoints.
   *
   * @param changed is run when the lane's state or picker has changed
   * @param afterPublishing takes what is to be run after the channel has the picker that follows
   */
  LaneChild(
      String lane,
      LoadBalancer.Helper helper,
      LaneEndpoints endpoints,
      Runnable changed,
      Consumer<Runnable> afterPublishing) {
    this.lane = lane;
    this.helper = helper;
    this.endpoints = endpoints;
    this.changed = changed;
    this.afterPublishing = afterPublishing;
  }

  /** Hands the endpoints to the child policy; returns the child's answer. */
  Status accept(
      LoadBalancerProvider policy, LoadBalancer.ResolvedAddresses addresses, long waitNanos) {
    connectWaitNanos = waitNanos;
    Set<SocketAddress> now = socketAddresses(addresses.getAddresses());
    if (Collections.disjoint(known, now)) {
      waitAnew();
    }
    known = now;
    switchTo(policy);
    if (state == CONNECTING && !slow) {
      startWaiting();
    }
    return newest().balancer.acceptResolvedAddresses(addresses);
  }

  /** A child keeps its connections by socket address, so attributes are not compared. */
  private static Set<SocketAddress> socketAddresses(List<EquivalentAddressGroup> groups) {
    Set<SocketAddress> addresses = new HashSet<>();
    groups.forEach(group -> addresses.addAll(group.getAddresses()));
    return addresses;
  }

  private void waitAnew() {
    stopWaiting();
    slow = false;
    renewed = true;
  }

  private void switchTo(LoadBalancerProvider policy) {
    if (pending != null && !pending.isOf(policy)) {
      pending.shutdown();
      pending = null;
    }
    if (newest() != null && newest().isOf(policy)) {
      return;
    }
    Child next = new Child(policy);
    if (current == null) {
      current = next;
      next.start();
      return;
    }
    pending = next;
    next.start();
    if (pending == next && current.state != READY) {
      takeOver();
    }
  }

  /** The policy that resolved addresses go to; null before the first. */
  private Child newest() {
    return pending == null ? current : pending;
  }

  private void takeOver() {
    afterPublishing.accept(current::shutdown);
    current = pending;
    pending = null;
    waitAnew();
    update();
  }

  void requestConnection() {
    newest().balancer.requestConnection();
  }

  void shutdown() {
    over = true;
    stopWaiting();
    if (pending != null) {
      pending.shutdown();
    }
    current.shutdown();
  }

  ConnectivityState state() {
    return state;
  }

  /** As the picker sees it; immutable. */
  GrayPicker.Lane seen() {
    return new GrayPicker.Lane(lane, state, slow, picker);
  }

  private void update() {
    ConnectivityState next = current.state;
    // What has failed stays failed until it is ready: trying again is no reason to wait for it.
    boolean stillFailing = state == TRANSIENT_FAILURE && next != READY && !renewed;
    renewed = false;
    if (next != CONNECTING) {
      stopWaiting();
      slow = false;
    } else if (!stillFailing && !slow) {
      startWaiting();
    }
    if (!stillFailing || next == TRANSIENT_FAILURE) {
      state = next;
      picker = current.picker; // while the lane fails, the one that says why
    }
    if (stillFailing && next == IDLE) {
      // No call is sent to a lane that fails, so no call would wake it.
      Child failing = current;
      helper.getSynchronizationContext().execute(() -> reconnect(failing));
    }
    changed.run();
  }

  /** Not inside the child's own update, which may not be at its end. */
  private void reconnect(Child failing) {
    if (!over && current == failing) {
      failing.balancer.requestConnection();
    }
  }

  /** From the first moment of connecting on; an idle lane is not waited for until it is asked. */
  private void startWaiting() {
    if (waiting == null) {
      waiting =
          helper
              .getSynchronizationContext()
              .schedule(
                  this::waitedLongEnough,
                  connectWaitNanos,
                  TimeUnit.NANOSECONDS,
                  helper.getScheduledExecutorService());
    }
  }

  private void stopWaiting() {
    if (waiting != null) {
      waiting.cancel();
      waiting = null;
    }
  }

  private void waitedLongEnough() {
    waiting = null;
    if (!over && state != READY) {
      slow = true;
      changed.run();
    }
  }

  private static final class WaitingPicker extends SubchannelPicker {
    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
      return PickResult.withNoResult();
    }
  }

  /** A child policy and what it last said. */
  private final class Child extends ForwardingLoadBalancerHelper {
    private final LoadBalancerProvider policy;
    private LoadBalancer balancer;
    private ConnectivityState state = CONNECTING;
    private SubchannelPicker picker = new WaitingPicker();

    Child(LoadBalancerProvider policy) {
      this.policy = policy;
    }

    /** Apart from the constructor, because a balancer may tell its state while it is made. */
    void start() {
      balancer = policy.newLoadBalancer(this);
    }

    /** A channel that panics because the balancer could not be made shuts the lane down too. */
    void shutdown() {
      if (balancer != null) {
        balancer.shutdown();
      }
    }

    boolean isOf(LoadBalancerProvider wanted) {
      return policy.getPolicyName().equals(wanted.getPolicyName());
    }

    @Override
    protected LoadBalancer.Helper delegate() {
      return helper;
    }

    @Override
    public void updateBalancingState(ConnectivityState next, SubchannelPicker nextPicker) {
      if (over || next == SHUTDOWN) {
        return;
      }
      state = next;
      picker = nextPicker;
      boolean isCurrent = this == current;
      if (pending != null && (isCurrent ? next != READY : this == pending && next != CONNECTING)) {
        takeOver();
      } else if (isCurrent) {
        update();
      }
    }

    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
      return new LaneConnection(super.createSubchannel(args), lane, endpoints);
    }
  }
}
