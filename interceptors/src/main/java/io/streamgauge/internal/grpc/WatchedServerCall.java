package io.streamgauge.internal.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.streamgauge.internal.stream.StreamRecorder;

/** The application's handle on a server stream, counted. */
final class WatchedServerCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

  static final String SITE = "server.call";

  private final CallHooks hooks;
  private final StreamRecorder stream;

  WatchedServerCall(CallHooks hooks, ServerCall<ReqT, RespT> delegate, StreamRecorder stream) {
    super(delegate);
    this.hooks = hooks;
    this.stream = stream;
  }

  StreamRecorder stream() {
    return stream;
  }

  @Override
  public void sendMessage(RespT message) {
    RespT sent = hooks.outgoing(stream, message);
    boolean ask = false;
    try {
      ask = stream.onSend();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
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
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public boolean isReady() {
    boolean ready = super.isReady();
    try {
      stream.ready(ready);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    return ready;
  }

  @Override
  public void request(int messages) {
    try {
      stream.onRequest(messages);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    super.request(messages);
  }

  /** For the watch: the same question, past the application's wrapper. */
  boolean askGrpc() {
    return super.isReady();
  }

  @Override
  public void close(Status status, Metadata trailers) {
    try {
      ServerTracer.closesWith(stream, status.getCause());
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    super.close(status, trailers);
    try {
      stream.onOutboundClosed();
      if (!stream.executorKnown()) {
        CallHooks.end(stream, status);
      }
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }
}
