package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.streamgauge.ReconnectSession;
import io.streamgauge.StreamQueue;

/** What an application may say of a client call through its options. */
public final class CallKeys {

  /** A queue of the application's that belongs to a client call about to be made. */
  public static final CallOptions.Key<StreamQueue> QUEUE =
      CallOptions.Key.create("streamgauge-queue");

  /** The session a client call about to be made belongs to. */
  public static final CallOptions.Key<ReconnectSession> SESSION =
      CallOptions.Key.create("streamgauge-session");

  private CallKeys() {}
}
