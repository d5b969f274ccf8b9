package io.streamgauge.internal.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.streamgauge.internal.stream.CallHandle;
import io.streamgauge.internal.stream.Connection;
import io.streamgauge.internal.stream.StreamRecorder;

/** The application's handle on a server stream, counted. */
final class WatchedServerCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT>
    implements CallHandle {

  static final String SITE = "server.call";

  private final StreamRecorder stream;

  /**
   * What gRPC makes of the first exception the application threw; null while it threw none. Only
   * the callbacks use it, one after the other.
   */
  Status thrown;

  WatchedServerCall(ServerCall<ReqT, RespT> delegate, StreamRecorder stream) {
    super(delegate);
    this.stream = stream;
  }

  @Override
  public void sendMessage(RespT message) {
    RespT sent = CallHooks.of(stream).outgoing(stream, message);
    boolean ask = false;
    try {
      ask = stream.onSend();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
    super.sendMessage(sent);
    if (ask) {
      askReadiness();
    }
  }

  private void askReadiness() {
    try {
      stream.ready(super.isReady());
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public boolean isReady() {
    boolean ready = super.isReady();
    try {
      stream.ready(ready);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
    return ready;
  }

  @Override
  public void request(int messages) {
    try {
      stream.onRequest(messages);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
    super.request(messages);
  }

  @Override
  public void close(Status status, Metadata trailers) {
    try {
      ServerTracer.closesWith(stream, status.getCause());
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
    super.close(status, trailers);
    try {
      stream.onOutboundClosed();
      if (!stream.executorKnown()) {
        CallHooks.end(stream, status);
      }
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  // ---- for the watch: past the application's wrapper -----------------------------------------

  @Override
  public boolean getAsBoolean() {
    return super.isReady();
  }

  @Override
  public boolean isGone() {
    return false;
  }

  /** Itself where its tracer will tell the end: gRPC keeps the call until then. */
  @Override
  public CallHandle weak() {
    boolean told = stream.executorKnown() && !ServletCalls.mayBe(delegate());
    return told ? this : new WeakCallHandle(this);
  }

  @Override
  public Connection connection() {
    return CallHooks.of(stream).callerOf(getAttributes(), stream.startNanos());
  }
}
