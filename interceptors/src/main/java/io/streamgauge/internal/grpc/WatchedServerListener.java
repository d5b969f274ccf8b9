package io.streamgauge.internal.grpc;

import io.grpc.ForwardingServerCallListener;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.streamgauge.internal.stream.StreamRecorder;

/** The application's callbacks of a server stream, counted and run in the stream's scope. */
final class WatchedServerListener<ReqT> extends ForwardingServerCallListener<ReqT> {

  static final String SITE = "server.listener";

  private final CallHooks hooks;
  private final ServerCall.Listener<ReqT> delegate;
  private final StreamRecorder stream;

  /** Kept for as long as gRPC keeps this listener; the watch holds it weakly. */
  @SuppressWarnings({"unused", "FieldCanBeLocal"})
  private final WatchedServerCall<ReqT, ?> call;

  /** The one message of a method that has one: stubs act on it in onHalfClose. */
  private ReqT single;

  /** What gRPC makes of the first exception the application threw; null while it threw none. */
  private Status thrown;

  WatchedServerListener(
      CallHooks hooks,
      ServerCall.Listener<ReqT> delegate,
      StreamRecorder stream,
      WatchedServerCall<ReqT, ?> call) {
    this.call = call;
    this.hooks = hooks;
    this.delegate = delegate;
    this.stream = stream;
  }

  @Override
  protected ServerCall.Listener<ReqT> delegate() {
    return delegate;
  }

  @Override
  public void onMessage(ReqT message) {
    Object entered = hooks.enter(stream);
    Object inner = null;
    if (hooks.joinsMessages() && !stream.isInboundStream()) {
      single = message;
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
    try {
      stream.onHalfClose();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
    Object entered = hooks.enter(stream);
    Object inner = hooks.enterMessage(stream, single);
    single = null;
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

  @Override
  public void onCancel() {
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
      hooks.guard.swallow(SITE, t);
    }
  }

  /** gRPC closes such a call itself, past our wrapper, and then tells that it is complete. */
  private void threw(Throwable failure) {
    try {
      ServerTracer.closesWith(stream, failure);
      if (thrown == null && !stream.executorKnown()) {
        thrown = ThrownStatus.statusOf(failure);
      }
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  /** Without a tracer the first of close, onComplete and onCancel is the end. */
  private void over(Status status) {
    try {
      if (!stream.executorKnown()) {
        CallHooks.end(stream, thrown == null ? status : thrown);
      }
      stream.settle();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }
}
