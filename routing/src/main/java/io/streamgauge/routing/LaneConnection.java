package io.streamgauge.routing;

import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.SHUTDOWN;

import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.util.ForwardingSubchannel;

/** A child's connection to an endpoint, with its state counted. In the synchronization context. */
final class LaneConnection extends ForwardingSubchannel {

  private final Subchannel delegate;
  private final String lane;
  private final LaneEndpoints endpoints;
  private ConnectivityState counted;
  private boolean gone;

  LaneConnection(Subchannel delegate, String lane, LaneEndpoints endpoints) {
    this.delegate = delegate;
    this.lane = lane;
    this.endpoints = endpoints;
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
