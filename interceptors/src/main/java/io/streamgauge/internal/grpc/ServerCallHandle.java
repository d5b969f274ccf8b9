package io.streamgauge.internal.grpc;

import io.streamgauge.internal.stream.CallHandle;
import java.lang.ref.WeakReference;

/**
 * How the watch reaches a server call without keeping it: gRPC holds it, through the listener, for
 * as long as it knows the stream. A servlet container may forget a call without telling gRPC's
 * tracers.
 */
final class ServerCallHandle extends WeakReference<WatchedServerCall<?, ?>> implements CallHandle {

  ServerCallHandle(WatchedServerCall<?, ?> call) {
    super(call);
  }

  @Override
  public boolean isGone() {
    return get() == null;
  }

  @Override
  public boolean getAsBoolean() {
    WatchedServerCall<?, ?> call = get();
    return call == null || call.askGrpc();
  }
}
