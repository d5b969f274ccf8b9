package io.streamgauge.internal.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TransportBytes;
import java.io.IOException;

/**
 * The server's view of the hooks, and the birthplace of a server stream: gRPC makes the tracer
 * before it knows the call. A tracer must not throw, nothing above it is guarded (grpc-java issue
 * 7373).
 */
final class ServerTracer extends ServerStreamTracer {

  static final String SITE = "server.tracer";

  /** An exception may be its own cause, in a circle. */
  private static final int MAX_CAUSES = 16;

  private final CallHooks hooks;
  private final String fullMethodName;
  private final StreamRecorder stream;

  /** What the caller sent; read when the stream ends before an interceptor has seen it. */
  private final Metadata headers;

  /**
   * Whether the gauge is attached more than once, or the agent too, and another tracer has the
   * stream. Written by {@link #filterContext}, which gRPC calls before any other event of the
   * stream.
   */
  private boolean surplus;

  private ServerTracer(CallHooks hooks, String fullMethodName, Metadata headers) {
    this.hooks = hooks;
    this.fullMethodName = fullMethodName;
    this.headers = headers;
    this.stream = hooks.newRecorder(CallSide.SERVER);
    stream.traced();
  }

  TransportBytes bytes() {
    return stream.openBytes(null);
  }

  @Override
  public Context filterContext(Context context) {
    try {
      if (hooks.recorderOf(context) != null || OtherCopy.serves(context)) {
        surplus = true;
        return context;
      }
      return context.withValue(ServerStreams.KEY, stream);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
      return context;
    }
  }

  @Override
  public void serverCallStarted(ServerCallInfo<?, ?> callInfo) {
    try {
      // Only matters to a stream that never reaches the interceptor.
      stream.hint(hooks.methods(CallSide.SERVER).of(callInfo.getMethodDescriptor()));
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void inboundMessageRead(int seqNo, long optionalWireSize, long optionalRawSize) {
    try {
      stream.onArrived();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void outboundWireSize(long bytes) {
    try {
      stream.onWireOut(bytes);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void inboundWireSize(long bytes) {
    try {
      stream.onWireIn(bytes);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void streamClosed(Status status) {
    try {
      if (surplus) {
        return;
      }
      Runnable unstarted = null;
      if (stream.isNew()) {
        stream.hint(hooks.methods(CallSide.SERVER).known(fullMethodName));
        unstarted = () -> hooks.unstartedHeaders(stream, headers);
      }
      CallHooks.end(stream, isCallerGone(status) ? Status.CANCELLED : status, unstarted);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  /**
   * A servlet container tells of a caller that is gone by an exception of its own, which gRPC
   * passes on as UNKNOWN; the application hears that the call is cancelled, as on any other
   * transport. An end of the application's own may look the same.
   */
  private boolean isCallerGone(Status status) {
    return status.getCode() == Status.Code.UNKNOWN
        && status.getCause() instanceof IOException
        && !stream.isIoFailure();
  }

  /**
   * The application, or an exception of its, is about to close the call, for that cause. An
   * interceptor between gRPC and ours may send what the exception was made of.
   */
  static void closesWith(StreamRecorder stream, Throwable cause) {
    Throwable each = cause;
    for (int i = 0; i < MAX_CAUSES && each != null; i++) {
      if (each instanceof IOException) {
        stream.onIoFailure();
        return;
      }
      each = each.getCause();
    }
  }

  /** One per gauge; register it once with each server. */
  static final class Factory extends ServerStreamTracer.Factory {

    private static final ServerStreamTracer IDLE = new ServerStreamTracer() {};

    private final CallHooks hooks;

    Factory(CallHooks hooks) {
      this.hooks = hooks;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
      try {
        return hooks.watches(fullMethodName)
            ? new ServerTracer(hooks, fullMethodName, headers)
            : IDLE;
      } catch (Throwable t) {
        hooks.guard.swallow(SITE, t);
        return IDLE;
      }
    }
  }
}
