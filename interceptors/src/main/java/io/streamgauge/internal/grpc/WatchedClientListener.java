package io.streamgauge.internal.grpc;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;

/** The application's callbacks of a client call, counted and run in the caller's scope. */
final class WatchedClientListener<RespT> extends ForwardingClientCallListener<RespT> {

  static final String SITE = "client.listener";

  private final ClientCall.Listener<RespT> delegate;

  /** As long as the end can be heard, the call is not gone; see {@link WeakCallHandle}. */
  private final WatchedClientCall<?, RespT> call;

  WatchedClientListener(ClientCall.Listener<RespT> delegate, WatchedClientCall<?, RespT> call) {
    this.call = call;
    this.delegate = delegate;
  }

  @Override
  protected ClientCall.Listener<RespT> delegate() {
    return delegate;
  }

  @Override
  public void onHeaders(Metadata headers) {
    CallHooks hooks = CallHooks.of(call.stream);
    Object entered = hooks.enter(call.stream);
    try {
      delegate.onHeaders(headers);
    } finally {
      hooks.exit(call.stream, entered);
    }
  }

  @Override
  public void onMessage(RespT message) {
    CallHooks hooks = CallHooks.of(call.stream);
    Object entered = hooks.enter(call.stream);
    Object inner = hooks.enterMessage(call.stream, message);
    try {
      call.stream.onDeliver();
    } catch (Throwable t) {
      call.stream.guard().swallow(SITE, t);
    }
    try {
      delegate.onMessage(hooks.incoming(call.stream, message));
    } finally {
      hooks.exitMessage(inner);
      hooks.exit(call.stream, entered);
      handled();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    // The end comes first: a caller that is told its call is over finds it over in the numbers too.
    end(status);
    CallHooks hooks = CallHooks.of(call.stream);
    Object entered = hooks.enter(call.stream);
    try {
      delegate.onClose(status, trailers);
    } finally {
      hooks.exit(call.stream, entered);
      settle();
    }
  }

  @Override
  public void onReady() {
    try {
      call.stream.ready(true);
    } catch (Throwable t) {
      call.stream.guard().swallow(SITE, t);
    }
    CallHooks hooks = CallHooks.of(call.stream);
    Object entered = hooks.enter(call.stream);
    try {
      delegate.onReady();
    } finally {
      hooks.exit(call.stream, entered);
    }
  }

  private void handled() {
    try {
      call.stream.onHandled();
    } catch (Throwable t) {
      call.stream.guard().swallow(SITE, t);
    }
  }

  /** What was delivered after the watch had given the call up. */
  private void settle() {
    try {
      call.stream.settle();
    } catch (Throwable t) {
      call.stream.guard().swallow(SITE, t);
    }
  }

  private void end(Status status) {
    try {
      CallHooks.end(call.stream, status);
    } catch (Throwable t) {
      call.stream.guard().swallow(SITE, t);
    }
  }
}
