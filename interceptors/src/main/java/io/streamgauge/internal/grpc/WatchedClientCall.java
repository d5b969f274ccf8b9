package io.streamgauge.internal.grpc;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.internal.stream.CallHandle;
import io.streamgauge.internal.stream.Connection;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The application's handle on a client call. The stream starts with {@link #start}: a call that is
 * made and never started is no stream and leaves nothing behind.
 */
class WatchedClientCall<ReqT, RespT> extends SimpleForwardingClientCall<ReqT, RespT>
    implements CallHandle {

  static final String SITE = "client.call";

  final StreamRecorder stream;

  /**
   * Of the first attempt. The thread that makes its transport stream writes it, once; the
   * transport's threads, the watch and the end of the call read it.
   */
  private volatile Connection connection;

  WatchedClientCall(ClientCall<ReqT, RespT> delegate, StreamRecorder stream) {
    super(delegate);
    this.stream = stream;
  }

  /** The call is about to start with these headers. */
  void starting(Metadata headers) {}

  @Override
  public final void start(Listener<RespT> listener, Metadata headers) {
    Listener<RespT> watched = listener;
    try {
      if (stream.claim(stream.method())) {
        starting(headers);
        watched = new WatchedClientListener<>(listener, this);
        stream.start(this);
      }
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
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
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void cancel(String message, Throwable cause) {
    try {
      stream.onCancelled();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
    super.cancel(message, cause);
  }

  @Override
  public void halfClose() {
    try {
      stream.onOutboundClosed();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
    super.halfClose();
  }

  @Override
  public void sendMessage(ReqT message) {
    ReqT sent = CallHooks.of(stream).outgoing(stream, message);
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

  // ---- for the watch: past our own wrapper ---------------------------------------------------

  @Override
  public boolean getAsBoolean() {
    return super.isReady();
  }

  @Override
  public boolean isGone() {
    return false;
  }

  @Override
  public CallHandle weak() {
    return new WeakCallHandle(this);
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
