package io.streamgauge.wire;

import io.streamgauge.internal.stream.CallHandle;
import java.lang.ref.WeakReference;

/**
 * A client call as the watch sees it: weakly, so that being watched keeps no call alive. The
 * listener holds the call, so a call that is gone has no listener that could still hear its end.
 */
final class WireClientOwner extends WeakReference<WireClientCall<?, ?>> implements CallHandle {

  WireClientOwner(WireClientCall<?, ?> call) {
    super(call);
  }

  @Override
  public boolean getAsBoolean() {
    WireClientCall<?, ?> call = get();
    return call == null || call.askGrpc();
  }

  @Override
  public boolean isGone() {
    return get() == null;
  }
}
