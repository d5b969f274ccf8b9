package io.streamgauge.internal.grpc;

import io.grpc.ForwardingServerCallListener;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.streamgauge.internal.stream.CallHandle;
import io.streamgauge.internal.stream.Connection;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The application's callbacks of a server stream, counted and run in the stream's scope. Where the
 * call itself is not wrapped, the watch reaches it through this listener.
 */
final class WatchedServerListener<ReqT> extends ForwardingServerCallListener<ReqT>
    implements CallHandle {

  static final String SITE = "server.listener";

  private final ServerCall.Listener<ReqT> delegate;
  private final StreamRecorder stream;

  /**
   * Kept for as long as gRPC keeps this listener: the watch may hold it weakly. Ours, or gRPC's own
   * where that is not wrapped.
   */
  private final ServerCall<ReqT, ?> call;

  WatchedServerListener(
      ServerCall.Listener<ReqT> delegate, StreamRecorder stream, ServerCall<ReqT, ?> call) {
    this.call = call;
    this.delegate = delegate;
    this.stream = stream;
  }

  @Override
  protected ServerCall.Listener<ReqT> delegate() {
    return delegate;
  }

  @Override
  public void onMessage(ReqT message) {
    CallHooks hooks = CallHooks.of(stream);
    Object entered = hooks.enter(stream);
    Object inner = null;
    if (hooks.joinsMessages() && !stream.isInboundStream()) {
      stream.pendingMessage(message);
    } else {
      // Before it is counted: what it carries may say where.
      inner = hooks.enterMessage(stream, message);
    }
    try {
      stream.onDeliver();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    try {
      delegate.onMessage(hooks.incoming(stream, message));
    } catch (Throwable t) {
      threw(t);
      throw t;
    } finally {
      hooks.exitMessage(inner);
      hooks.exit(stream, entered);
      handled();
    }
  }

  @Override
  public void onHalfClose() {
    CallHooks hooks = CallHooks.of(stream);
    try {
      stream.onHalfClose();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    Object entered = hooks.enter(stream);
    Object inner = hooks.joinsMessages() ? enterPending(hooks) : null;
    try {
      delegate.onHalfClose();
    } catch (Throwable t) {
      threw(t);
      throw t;
    } finally {
      hooks.exitMessage(inner);
      hooks.exit(stream, entered);
      handled();
    }
  }

  /** Stubs act on the one message of such a call here. */
  private Object enterPending(CallHooks hooks) {
    Object inner = hooks.enterMessage(stream, stream.pendingMessage());
    stream.pendingMessage(null);
    return inner;
  }

  @Override
  public void onCancel() {
    CallHooks hooks = CallHooks.of(stream);
    Object entered = hooks.enter(stream);
    try {
      delegate.onCancel();
    } finally {
      hooks.exit(stream, entered);
      over(Status.CANCELLED);
    }
  }

  @Override
  public void onComplete() {
    CallHooks hooks = CallHooks.of(stream);
    Object entered = hooks.enter(stream);
    try {
      delegate.onComplete();
    } finally {
      hooks.exit(stream, entered);
      over(Status.OK);
    }
  }

  @Override
  public void onReady() {
    CallHooks hooks = CallHooks.of(stream);
    try {
      stream.ready(true);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    Object entered = hooks.enter(stream);
    try {
      delegate.onReady();
    } catch (Throwable t) {
      threw(t);
      throw t;
    } finally {
      hooks.exit(stream, entered);
    }
  }

  private void handled() {
    try {
      stream.onHandled();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  /** gRPC closes such a call itself, past our wrapper, and then tells that it is complete. */
  private void threw(Throwable failure) {
    try {
      ServerTracer.closesWith(stream, failure);
      if (call instanceof WatchedServerCall && !stream.executorKnown()) {
        WatchedServerCall<?, ?> watched = (WatchedServerCall<?, ?>) call;
        if (watched.thrown == null) {
          watched.thrown = ThrownStatus.statusOf(failure);
        }
      }
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  /** Without a tracer the first of close, onComplete and onCancel is the end. */
  private void over(Status status) {
    try {
      if (!stream.executorKnown()) {
        Status thrown =
            call instanceof WatchedServerCall ? ((WatchedServerCall<?, ?>) call).thrown : null;
        CallHooks.end(stream, thrown == null ? status : thrown);
      }
      stream.settle();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  // ---- for the watch, of a call that is not wrapped ------------------------------------------

  /** The watch does not ask gRPC about a unary call: it shows what waits by other means. */
  @Override
  public boolean getAsBoolean() {
    return true;
  }

  @Override
  public boolean isGone() {
    return false;
  }

  /** Itself: its tracer will tell the end, and gRPC keeps the call until then. */
  @Override
  public CallHandle weak() {
    return this;
  }

  @Override
  public Connection connection() {
    return CallHooks.of(stream).callerOf(call.getAttributes(), stream.startNanos());
  }
}
