package io.streamgauge.internal.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.internal.stream.CallHandle;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;

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
    StreamRecorder stream = start(call, headers);
    if (stream == null) {
      return next.startCall(call, headers);
    }
    ServerCall<ReqT, RespT> watched = wrapped(stream, call);
    begin(stream, watched);
    String refusal = hooks.refusal(stream);
    if (refusal != null) {
      ServerCall.Listener<ReqT> rejected = listener(stream, new Rejected<>(watched), watched);
      watched.close(Status.INVALID_ARGUMENT.withDescription(refusal), new Metadata());
      return rejected;
    }
    Object entered = hooks.enter(stream);
    try {
      return listener(stream, next.startCall(watched, headers), watched);
    } catch (Throwable t) {
      failed(stream, watched, t);
      throw t;
    } finally {
      hooks.exit(stream, entered);
    }
  }

  /** Hears nothing; gRPC keeps the call with it until its end is sent. */
  private static final class Rejected<ReqT> extends ServerCall.Listener<ReqT> {
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private final ServerCall<ReqT, ?> call;

    Rejected(ServerCall<ReqT, ?> call) {
      this.call = call;
    }
  }

  /** Null when the call is to be left alone. */
  private StreamRecorder start(ServerCall<?, ?> call, Metadata headers) {
    try {
      // A stream that the tracer has made is one to watch.
      StreamRecorder stream = hooks.recorderOf(Context.current());
      if (stream == null) {
        if (!hooks.watches(call.getMethodDescriptor().getFullMethodName())
            || OtherCopy.serves(Context.current())) {
          return null;
        }
        stream = hooks.newRecorder(CallSide.SERVER);
      }
      WatchedMethod method = hooks.methods(CallSide.SERVER).of(call.getMethodDescriptor());
      if (!stream.claim(method, isToldByTracer(call, stream, method))) {
        // Cancelled before it got here, or intercepted twice.
        return null;
      }
      hooks.serverHeaders(stream, headers, call);
      return stream;
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
      return null;
    }
  }

  /**
   * What a traced unary call sends its tracer tells, and its end too; a wrapper would have nothing
   * left to do. But for a servlet container, where only the application's close tells whether an
   * input or output failure is its own.
   */
  private boolean isToldByTracer(
      ServerCall<?, ?> call, StreamRecorder stream, WatchedMethod method) {
    return method.type() == CallType.UNARY
        && stream.executorKnown()
        && !hooks.joinsMessages()
        && !ServletCalls.mayBe(call);
  }

  private static <ReqT, RespT> ServerCall<ReqT, RespT> wrapped(
      StreamRecorder stream, ServerCall<ReqT, RespT> call) {
    try {
      return stream.isSentByTracer() ? call : new WatchedServerCall<>(call, stream);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
      return call;
    }
  }

  private static <ReqT> ServerCall.Listener<ReqT> listener(
      StreamRecorder stream, ServerCall.Listener<ReqT> application, ServerCall<ReqT, ?> watched) {
    WatchedServerListener<ReqT> listener =
        new WatchedServerListener<>(application, stream, watched);
    if (!(watched instanceof WatchedServerCall)) {
      stream.owner(listener);
    }
    return listener;
  }

  private void begin(StreamRecorder stream, ServerCall<?, ?> watched) {
    try {
      stream.start(watched instanceof CallHandle ? (CallHandle) watched : null);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  private <ReqT> void failed(
      StreamRecorder stream, ServerCall<ReqT, ?> watched, Throwable failure) {
    try {
      // The end of the span asks it for the caller.
      listener(stream, new Rejected<>(watched), watched);
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
