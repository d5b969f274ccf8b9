package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.StreamQueue;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The application's handle on a client call. The stream starts with {@link #start}: a call that is
 * made and never started is no stream and leaves nothing behind.
 */
final class WatchedClientCall<ReqT, RespT> extends SimpleForwardingClientCall<ReqT, RespT> {

  static final String SITE = "client.call";

  private final CallHooks hooks;
  private final StreamRecorder stream;
  private final MethodDescriptor<ReqT, RespT> method;
  private final CallOptions options;
  private final Channel channel;

  WatchedClientCall(
      CallHooks hooks,
      ClientCall<ReqT, RespT> delegate,
      StreamRecorder stream,
      MethodDescriptor<ReqT, RespT> method,
      CallOptions options,
      Channel channel) {
    super(delegate);
    this.hooks = hooks;
    this.stream = stream;
    this.method = method;
    this.options = options;
    this.channel = channel;
  }

  @Override
  public void start(Listener<RespT> listener, Metadata headers) {
    Listener<RespT> watched = listener;
    try {
      if (stream.claim(hooks.methods(CallSide.CLIENT).of(method))) {
        hooks.clientHeaders(stream, headers, options, channel.authority());
        StreamQueue queue = options.getOption(CallKeys.QUEUE);
        if (queue instanceof ApplicationQueue) {
          stream.addQueue(((ApplicationQueue) queue).copy());
        }
        watched = new WatchedClientListener<>(hooks, listener, stream, this);
        stream.start(new ClientCallHandle(this));
      }
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    try {
      super.start(watched, headers);
    } catch (Throwable t) {
      failed(t);
      throw t;
    }
  }

  private void failed(Throwable cause) {
    try {
      CallHooks.end(stream, Status.fromThrowable(cause));
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void cancel(String message, Throwable cause) {
    try {
      stream.onCancelled();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    super.cancel(message, cause);
  }

  @Override
  public void halfClose() {
    try {
      stream.onOutboundClosed();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    super.halfClose();
  }

  @Override
  public void sendMessage(ReqT message) {
    ReqT sent = hooks.outgoing(stream, message);
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

  /** For the watch: the same question, past our own wrapper. */
  boolean askGrpc() {
    return super.isReady();
  }
}
