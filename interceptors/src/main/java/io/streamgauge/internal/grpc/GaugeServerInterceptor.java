package io.streamgauge.internal.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.internal.stream.StreamRecorder;

/** Starts a server stream once its method and headers are known, and wraps call and listener. */
public final class GaugeServerInterceptor implements ServerInterceptor {

  static final String SITE = "server.interceptor";

  private final CallHooks hooks;

  public GaugeServerInterceptor(CallHooks hooks) {
    this.hooks = hooks;
  }

  /** The tracer factory that belongs to this interceptor; without it fewer depths are known. */
  public static ServerStreamTracer.Factory tracerFactory(CallHooks hooks) {
    return new ServerTracer.Factory(hooks);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    WatchedServerCall<ReqT, RespT> watched = start(call, headers);
    if (watched == null) {
      return next.startCall(call, headers);
    }
    StreamRecorder stream = watched.stream();
    String refusal = hooks.refusal(stream);
    if (refusal != null) {
      watched.close(Status.INVALID_ARGUMENT.withDescription(refusal), new Metadata());
      return new Rejected<>(watched);
    }
    Object entered = hooks.enter(stream);
    try {
      ServerCall.Listener<ReqT> listener = next.startCall(watched, headers);
      return new WatchedServerListener<>(hooks, listener, stream, watched);
    } catch (Throwable t) {
      failed(stream, t);
      throw t;
    } finally {
      hooks.exit(stream, entered);
    }
  }

  /** Hears nothing; gRPC keeps the call with it until its end is sent. */
  private static final class Rejected<ReqT> extends ServerCall.Listener<ReqT> {
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private final WatchedServerCall<ReqT, ?> call;

    Rejected(WatchedServerCall<ReqT, ?> call) {
      this.call = call;
    }
  }

  /** Null when the call is to be left alone. */
  private <ReqT, RespT> WatchedServerCall<ReqT, RespT> start(
      ServerCall<ReqT, RespT> call, Metadata headers) {
    try {
      if (!hooks.watches(call.getMethodDescriptor().getFullMethodName())) {
        return null;
      }
      StreamRecorder stream = hooks.recorderOf(Context.current());
      if (stream == null) {
        if (OtherCopy.serves(Context.current())) {
          return null;
        }
        stream = hooks.newRecorder(CallSide.SERVER);
      }
      WatchedServerCall<ReqT, RespT> watched = new WatchedServerCall<>(hooks, call, stream);
      if (!stream.claim(hooks.methods(CallSide.SERVER).of(call.getMethodDescriptor()))) {
        // Cancelled before it got here, or intercepted twice.
        return null;
      }
      stream.connection(hooks.connectionOf(call.getAttributes(), stream));
      hooks.serverHeaders(stream, headers, call);
      stream.start(new ServerCallHandle(watched));
      return watched;
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
      return null;
    }
  }

  private void failed(StreamRecorder stream, Throwable failure) {
    try {
      ServerTracer.closesWith(stream, failure);
      if (!stream.executorKnown()) {
        // No tracer will tell the end, and no listener exists that could.
        CallHooks.end(stream, Status.UNKNOWN);
      }
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }
}
