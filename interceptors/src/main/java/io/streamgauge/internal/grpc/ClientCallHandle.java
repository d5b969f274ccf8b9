package io.streamgauge.internal.grpc;

import io.streamgauge.internal.stream.CallHandle;
import java.lang.ref.WeakReference;

/**
 * A client call as the watch sees it: weakly, so that being watched keeps no call alive. The
 * listener holds the call, so a call that is gone has no listener that could still hear its end.
 */
final class ClientCallHandle extends WeakReference<WatchedClientCall<?, ?>> implements CallHandle {

  ClientCallHandle(WatchedClientCall<?, ?> call) {
    super(call);
  }

  @Override
  public boolean getAsBoolean() {
    WatchedClientCall<?, ?> call = get();
    return call == null || call.askGrpc();
  }

  @Override
  public boolean isGone() {
    return get() == null;
  }
}
