package io.streamgauge.internal.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TransportBytes;
import io.streamgauge.internal.stream.WatchedMethod;
import java.io.IOException;

/**
 * The server's view of the hooks, and the birthplace of a server stream: gRPC makes the tracer
 * before it knows the call. A tracer must not throw, nothing above it is guarded (grpc-java issue
 * 7373).
 */
class ServerTracer extends ServerStreamTracer {

  static final String SITE = "server.tracer";

  /** An exception may be its own cause, in a circle. */
  private static final int MAX_CAUSES = 16;

  final StreamRecorder stream;

  private ServerTracer(StreamRecorder stream) {
    this.stream = stream;
  }

  TransportBytes bytes() {
    return stream.openBytes(null);
  }

  @Override
  public Context filterContext(Context context) {
    try {
      if (CallHooks.of(stream).recorderOf(context) != null || OtherCopy.serves(context)) {
        // The gauge is attached more than once, or the agent too, and another tracer has it.
        stream.leave();
        return context;
      }
      return context.withValue(ServerStreams.KEY, stream);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
      return context;
    }
  }

  @Override
  public void serverCallStarted(ServerCallInfo<?, ?> callInfo) {
    try {
      if (stream.method() == WatchedMethod.OTHER) {
        // The first call of the method; only matters if it never reaches the interceptor.
        Methods methods = CallHooks.of(stream).methods(CallSide.SERVER);
        stream.hint(methods.of(callInfo.getMethodDescriptor()));
      }
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  /**
   * What a unary call sends is told here: its handle is not wrapped, see {@code
   * GaugeServerInterceptor}.
   */
  @Override
  public void outboundMessage(int seqNo) {
    try {
      if (stream.isSentByTracer()) {
        stream.onSend();
      }
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void inboundMessageRead(int seqNo, long optionalWireSize, long optionalRawSize) {
    try {
      stream.onArrived();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void outboundWireSize(long bytes) {
    try {
      stream.onWireOut(bytes);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void inboundWireSize(long bytes) {
    try {
      stream.onWireIn(bytes);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void streamClosed(Status status) {
    try {
      if (stream.isSurplus()) {
        return;
      }
      CallHooks.end(stream, isCallerGone(status) ? Status.CANCELLED : status, unstarted());
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  /**
   * What is to be run before the end of a stream that no interceptor has seen; null for nothing.
   */
  Runnable unstarted() {
    return null;
  }

  /** Where headers are read: keeps those of a stream that no interceptor sees. */
  private static final class WithHeaders extends ServerTracer {
    private final Metadata headers;

    WithHeaders(StreamRecorder stream, Metadata headers) {
      super(stream);
      this.headers = headers;
    }

    @Override
    Runnable unstarted() {
      return stream.isNew() ? () -> CallHooks.of(stream).unstartedHeaders(stream, headers) : null;
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
        && !stream.isSentByTracer() // no servlet container's, and its close was not told
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
        if (!hooks.watches(fullMethodName)) {
          return IDLE;
        }
        StreamRecorder stream =
            new StreamRecorder(
                CallSide.SERVER, hooks, hooks.methods(CallSide.SERVER).known(fullMethodName));
        stream.traced();
        return hooks.hasHeaders() ? new WithHeaders(stream, headers) : new ServerTracer(stream);
      } catch (Throwable t) {
        hooks.guard.swallow(SITE, t);
        return IDLE;
      }
    }
  }
}
