package io.streamgauge.internal.grpc;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.internal.stream.StreamRecorder;

/** The application's callbacks of a client call, counted and run in the caller's scope. */
final class WatchedClientListener<RespT> extends ForwardingClientCallListener<RespT> {

  static final String SITE = "client.listener";

  private final CallHooks hooks;
  private final ClientCall.Listener<RespT> delegate;
  private final StreamRecorder stream;

  /** Held for {@link ClientCallHandle}: as long as the end can be heard, the call is not gone. */
  @SuppressWarnings({"unused", "FieldCanBeLocal"})
  private final WatchedClientCall<?, RespT> call;

  WatchedClientListener(
      CallHooks hooks,
      ClientCall.Listener<RespT> delegate,
      StreamRecorder stream,
      WatchedClientCall<?, RespT> call) {
    this.call = call;
    this.hooks = hooks;
    this.delegate = delegate;
    this.stream = stream;
  }

  @Override
  protected ClientCall.Listener<RespT> delegate() {
    return delegate;
  }

  @Override
  public void onHeaders(Metadata headers) {
    Object entered = hooks.enter(stream);
    try {
      delegate.onHeaders(headers);
    } finally {
      hooks.exit(stream, entered);
    }
  }

  @Override
  public void onMessage(RespT message) {
    Object entered = hooks.enter(stream);
    Object inner = hooks.enterMessage(stream, message);
    try {
      stream.onDeliver();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    try {
      delegate.onMessage(hooks.incoming(stream, message));
    } finally {
      hooks.exitMessage(inner);
      hooks.exit(stream, entered);
      handled();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    // The end comes first: a caller that is told its call is over finds it over in the numbers too.
    end(status);
    Object entered = hooks.enter(stream);
    try {
      delegate.onClose(status, trailers);
    } finally {
      hooks.exit(stream, entered);
      settle();
    }
  }

  @Override
  public void onReady() {
    try {
      stream.ready(true);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    Object entered = hooks.enter(stream);
    try {
      delegate.onReady();
    } finally {
      hooks.exit(stream, entered);
    }
  }

  private void handled() {
    try {
      stream.onHandled();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  /** What was delivered after the watch had given the call up. */
  private void settle() {
    try {
      stream.settle();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  private void end(Status status) {
    try {
      CallHooks.end(stream, status);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }
}
