package io.streamgauge.internal.grpc;

import io.streamgauge.internal.stream.CallHandle;
import io.streamgauge.internal.stream.Connection;
import java.lang.ref.WeakReference;

/**
 * A call as the watch sees it once it has found the call open: weakly, so that being watched keeps
 * no call alive. The listener that gRPC keeps holds what is referred to, so a call that is gone has
 * no listener that could still hear its end. A servlet container may forget a call without telling
 * gRPC's tracers.
 */
final class WeakCallHandle extends WeakReference<CallHandle> implements CallHandle {

  /** Of the first attempt, which closes before its call is gone; the watch reads it then. */
  private volatile Connection connection;

  WeakCallHandle(CallHandle call) {
    super(call);
    connection = call.connection();
  }

  @Override
  public boolean getAsBoolean() {
    CallHandle call = get();
    return call == null || call.getAsBoolean();
  }

  @Override
  public boolean isGone() {
    return get() == null;
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public void connection(Connection connection) {
    this.connection = connection;
  }
}
