package io.streamgauge.routing;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.SHUTDOWN;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.LoadBalancerProvider;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.grpc.util.ForwardingLoadBalancerHelper;
import io.grpc.util.ForwardingSubchannel;
import java.net.SocketAddress;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One lane: a child policy over its endpoints, its state, and how long it has been connecting. All
 * in the channel's synchronization context.
 */
final class LaneChild {

  private final String lane;
  private final LoadBalancer.Helper helper;
  private final LaneEndpoints endpoints;
  private final Runnable changed;
  private final LoadBalancerProvider provider;
  private final LoadBalancer balancer;
  private long connectWaitNanos;
  private ConnectivityState state = CONNECTING;
  private SubchannelPicker picker = new WaitingPicker();
  private ScheduledHandle waiting;
  private boolean slow;
  private boolean over;

  /** An earlier failure says nothing of the endpoints that came since. */
  private boolean renewed;

  private Set<SocketAddress> known = Collections.emptySet();

  LaneChild(
      String lane,
      LoadBalancer.Helper helper,
      LaneEndpoints endpoints,
      LoadBalancerProvider provider,
      Runnable changed) {
    this.lane = lane;
    this.helper = helper;
    this.endpoints = endpoints;
    this.changed = changed;
    this.provider = provider;
    this.balancer = provider.newLoadBalancer(new Helper());
  }

  boolean isOf(LoadBalancerProvider wanted) {
    return provider.getPolicyName().equals(wanted.getPolicyName());
  }

  void accept(LoadBalancer.ResolvedAddresses addresses, long waitNanos) {
    connectWaitNanos = waitNanos;
    Set<SocketAddress> now = socketAddresses(addresses.getAddresses());
    if (Collections.disjoint(known, now)) {
      // All were replaced: the time that the former ones took is not theirs.
      stopWaiting();
      slow = false;
      renewed = true;
    }
    known = now;
    if (state == CONNECTING) {
      startWaiting();
    }
    balancer.acceptResolvedAddresses(addresses);
  }

  /** A child keeps its connections by socket address, so attributes are not compared. */
  private static Set<SocketAddress> socketAddresses(List<EquivalentAddressGroup> groups) {
    Set<SocketAddress> addresses = new HashSet<>();
    groups.forEach(group -> addresses.addAll(group.getAddresses()));
    return addresses;
  }

  void requestConnection() {
    balancer.requestConnection();
  }

  void shutdown() {
    over = true;
    stopWaiting();
    balancer.shutdown();
  }

  ConnectivityState state() {
    return state;
  }

  /** As the picker sees it; immutable. */
  GrayPicker.Lane seen() {
    return new GrayPicker.Lane(state, slow, picker);
  }

  private void updated(ConnectivityState next, SubchannelPicker nextPicker) {
    if (over || next == SHUTDOWN) {
      return;
    }
    // What has failed stays failed until it is ready: trying again is no reason to wait for it.
    boolean stillFailing = state == TRANSIENT_FAILURE && next != READY && !renewed;
    renewed = false;
    if (next != CONNECTING) {
      stopWaiting();
      slow = false;
    } else if (!stillFailing && !slow) {
      startWaiting();
    }
    state = stillFailing ? TRANSIENT_FAILURE : next;
    picker = nextPicker;
    if (stillFailing && next == IDLE) {
      // Nobody is sent to a lane that fails, so nobody else would wake it.
      balancer.requestConnection();
    }
    changed.run();
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
    public LoadBalancer.PickResult pickSubchannel(LoadBalancer.PickSubchannelArgs args) {
      return LoadBalancer.PickResult.withNoResult();
    }
  }

  private final class Helper extends ForwardingLoadBalancerHelper {
    @Override
    protected LoadBalancer.Helper delegate() {
      return helper;
    }

    @Override
    public void updateBalancingState(ConnectivityState next, SubchannelPicker nextPicker) {
      updated(next, nextPicker);
    }

    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
      return new Endpoint(super.createSubchannel(args));
    }
  }

  /** A child's connection to an endpoint, with its state counted. */
  private final class Endpoint extends ForwardingSubchannel {
    private final Subchannel delegate;
    private ConnectivityState counted;
    private boolean gone;

    Endpoint(Subchannel delegate) {
      this.delegate = delegate;
    }

    @Override
    protected Subchannel delegate() {
      return delegate;
    }

    @Override
    public void start(SubchannelStateListener listener) {
      count(IDLE);
      delegate.start(
          new SubchannelStateListener() {
            @Override
            public void onSubchannelState(ConnectivityStateInfo info) {
              count(info.getState() == SHUTDOWN ? null : info.getState());
              listener.onSubchannelState(info);
            }
          });
    }

    @Override
    public void shutdown() {
      count(null);
      gone = true; // it is told of its state for some seconds more
      delegate.shutdown();
    }

    private void count(ConnectivityState now) {
      if (gone) {
        return;
      }
      endpoints.moved(lane, counted, now);
      counted = now;
    }
  }
}
