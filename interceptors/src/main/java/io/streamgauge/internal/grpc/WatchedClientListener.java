package io.streamgauge.internal.grpc;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.internal.stream.StreamRecorder;

/** The application's callbacks of a client call, counted and run in the caller's scope. */
final class WatchedClientListener<RespT> extends ForwardingClientCallListener<RespT> {

  static final String SITE = "client.listener";

  private final CallHooks wire;
  private final ClientCall.Listener<RespT> delegate;
  private final StreamRecorder stream;

  /** Held for {@link ClientCallHandle}: as long as the end can be heard, the call is not gone. */
  @SuppressWarnings({"unused", "FieldCanBeLocal"})
  private final WatchedClientCall<?, RespT> call;

  WatchedClientListener(
      CallHooks wire,
      ClientCall.Listener<RespT> delegate,
      StreamRecorder stream,
      WatchedClientCall<?, RespT> call) {
    this.call = call;
    this.wire = wire;
    this.delegate = delegate;
    this.stream = stream;
  }

  @Override
  protected ClientCall.Listener<RespT> delegate() {
    return delegate;
  }

  @Override
  public void onHeaders(Metadata headers) {
    Object entered = wire.enter(stream);
    try {
      delegate.onHeaders(headers);
    } finally {
      wire.exit(stream, entered);
    }
  }

  @Override
  public void onMessage(RespT message) {
    Object entered = wire.enter(stream);
    Object inner = wire.enterMessage(stream, message);
    try {
      stream.onDeliver();
    } catch (Throwable t) {
      wire.guard.swallow(SITE, t);
    }
    try {
      delegate.onMessage(wire.incoming(stream, message));
    } finally {
      wire.exitMessage(inner);
      wire.exit(stream, entered);
      handled();
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    // The end comes first: a caller that is told its call is over finds it over in the numbers too.
    end(status);
    Object entered = wire.enter(stream);
    try {
      delegate.onClose(status, trailers);
    } finally {
      wire.exit(stream, entered);
      settle();
    }
  }

  @Override
  public void onReady() {
    try {
      stream.ready(true);
    } catch (Throwable t) {
      wire.guard.swallow(SITE, t);
    }
    Object entered = wire.enter(stream);
    try {
      delegate.onReady();
    } finally {
      wire.exit(stream, entered);
    }
  }

  private void handled() {
    try {
      stream.onHandled();
    } catch (Throwable t) {
      wire.guard.swallow(SITE, t);
    }
  }

  /** What was delivered after the watch had given the call up. */
  private void settle() {
    try {
      stream.settle();
    } catch (Throwable t) {
      wire.guard.swallow(SITE, t);
    }
  }

  private void end(Status status) {
    try {
      CallHooks.end(stream, status);
    } catch (Throwable t) {
      wire.guard.swallow(SITE, t);
    }
  }
}
