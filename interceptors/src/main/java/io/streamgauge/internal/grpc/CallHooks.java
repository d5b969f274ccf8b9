package io.streamgauge.internal.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.Cost;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.guard.NanoClock;
import io.streamgauge.internal.stream.Connection;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * What every interceptor and tracer of one gauge shares. It is the environment of their streams
 * too, so that a tracer has its hooks through its stream and costs one reference.
 */
public final class CallHooks extends StreamEnvironment {

  /** Sites of faults swallowed here. */
  public static final String SITE_HEADERS = "headers.hook";

  static final String SITE_SCOPE = "scope";
  static final String SITE_MESSAGE = "message.hook";

  /** One per side: a name this process calls is not a name it serves. */
  private final Methods serverMethods;

  private final Methods clientMethods;

  /** Null where nothing is read from or written to the headers of calls. */
  private final HeaderPort headerPort;

  private final ScopePort scope;

  /** Null unless single messages are to be joined. */
  private final MessagePort messages;

  private final BooleanSupplier enabled;
  private final Cost cost;

  private final AtomicInteger clientInterceptors = new AtomicInteger();

  /** Set once by the thread that is given the second interceptor; each call reads it. */
  private volatile boolean mayMeetTwice;

  private final Connections connections = new Connections();
  private final Connections callers = new Connections();

  public CallHooks(
      Guard guard,
      NanoClock clock,
      StreamListener listener,
      Timing timing,
      Cost cost,
      Methods serverMethods,
      Methods clientMethods,
      HeaderPort headers,
      ScopePort scope,
      MessagePort messages,
      BooleanSupplier enabled) {
    super(guard, clock, listener, timing);
    this.cost = cost;
    this.serverMethods = serverMethods;
    this.clientMethods = clientMethods;
    this.headerPort = headers;
    this.scope = scope;
    this.messages = messages;
    this.enabled = enabled;
  }

  /** The hooks that a stream was made by. */
  static CallHooks of(StreamRecorder stream) {
    return (CallHooks) stream.environment();
  }

  Methods methods(CallSide side) {
    return side == CallSide.SERVER ? serverMethods : clientMethods;
  }

  /** The recorder a tracer of this gauge put into the context; another gauge's is not ours. */
  StreamRecorder recorderOf(Context context) {
    StreamRecorder stream = ServerStreams.KEY.get(context);
    return stream != null && stream.belongsTo(this) ? stream : null;
  }

  @CallPath
  boolean watches(String fullMethodName) {
    return enabled.getAsBoolean() && !serverMethods.isExcluded(fullMethodName);
  }

  /** The gauge has given out one more interceptor for clients. */
  public void clientInterceptor() {
    if (clientInterceptors.incrementAndGet() > 1) {
      mayMeetTwice = true;
    }
  }

  /** Whether a call may come to more than one interceptor of the gauge. */
  boolean mayMeetTwice() {
    return mayMeetTwice;
  }

  /** Whether a client's call of that method is followed on the wire. */
  boolean follows(WatchedMethod method) {
    return cost == Cost.FULL || method.type() != CallType.UNARY;
  }

  StreamRecorder newRecorder(CallSide side) {
    return new StreamRecorder(side, this);
  }

  /** The connection of a client's call, by the attributes of its transport. */
  @CallPath
  Connection connectionOf(Attributes transport, long now) {
    return connections.of(transport, now);
  }

  /** The connection of a server's call, by the attributes of its transport; null if unknown. */
  Connection callerOf(Attributes transport, long now) {
    return transport == null ? null : callers.of(transport, now);
  }

  /** Whether anything is read from or written to the headers of calls. */
  @CallPath
  boolean hasHeaders() {
    return headerPort != null;
  }

  /** Tells that a call is made; what is to be closed when it has been, or null. */
  Object enterClientCall(StreamRecorder stream) {
    if (headerPort != null) {
      try {
        headerPort.clientCall(stream);
      } catch (Throwable t) {
        guard.swallow(SITE_HEADERS, t);
      }
    }
    try {
      return stream.contextSlot() == null ? null : scope.enter(stream);
    } catch (Throwable t) {
      guard.swallow(SITE_SCOPE, t);
      return null;
    }
  }

  @CallPath
  void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
    if (headerPort != null) {
      try {
        headerPort.serverHeaders(stream, headers, call);
      } catch (Throwable t) {
        guard.swallow(SITE_HEADERS, t);
      }
    }
  }

  /** Why a server call is refused, or null. */
  String refusal(StreamRecorder stream) {
    try {
      return headerPort == null ? null : headerPort.refusal(stream);
    } catch (Throwable t) {
      guard.swallow(SITE_HEADERS, t);
      return null;
    }
  }

  /** A server stream ends before an interceptor has seen it: what its caller sent. */
  void unstartedHeaders(StreamRecorder stream, Metadata headers) {
    try {
      if (headerPort != null) {
        headerPort.unstartedHeaders(stream, headers);
      }
    } catch (Throwable t) {
      guard.swallow(SITE_HEADERS, t);
    }
  }

  @CallPath
  void clientHeaders(
      StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
    boolean none = false;
    try {
      int bytesLeft = HeaderSize.LIMIT - HeaderSize.size(headers);
      none = bytesLeft == HeaderSize.LIMIT;
      stream.headerRoom(bytesLeft);
      if (bytesLeft <= 0) {
        stream.refuse("headers");
      }
    } catch (Throwable t) {
      guard.swallow(SITE_HEADERS, t);
    }
    if (headerPort != null) {
      try {
        headerPort.clientHeaders(stream, headers, options, authority, none);
      } catch (Throwable t) {
        guard.swallow(SITE_HEADERS, t);
      }
    }
  }

  Object enter(StreamRecorder stream) {
    try {
      return scope.enter(stream);
    } catch (Throwable t) {
      guard.swallow(SITE_SCOPE, t);
      return null;
    }
  }

  /** The message to send; what was given wherever the hook fails. */
  <T> T outgoing(StreamRecorder stream, T message) {
    if (messages == null) {
      return message;
    }
    try {
      return messages.outgoing(stream, message);
    } catch (Throwable t) {
      guard.swallow(SITE_MESSAGE, t);
      return message;
    }
  }

  /** The message to deliver; what was given wherever the hook fails. */
  <T> T incoming(StreamRecorder stream, T message) {
    if (messages == null) {
      return message;
    }
    try {
      return messages.incoming(stream, message);
    } catch (Throwable t) {
      guard.swallow(SITE_MESSAGE, t);
      return message;
    }
  }

  /** Whether single messages have to be remembered until the application acts on them. */
  boolean joinsMessages() {
    return messages != null;
  }

  Object enterMessage(StreamRecorder stream, Object message) {
    if (messages == null || message == null) {
      return null;
    }
    try {
      return messages.enter(stream, message);
    } catch (Throwable t) {
      guard.swallow(SITE_MESSAGE, t);
      return null;
    }
  }

  void exitMessage(Object entered) {
    if (entered == null) {
      return;
    }
    try {
      messages.exit(entered);
    } catch (Throwable t) {
      guard.swallow(SITE_MESSAGE, t);
    }
  }

  void exit(StreamRecorder stream, Object entered) {
    if (entered == null) {
      return;
    }
    try {
      scope.exit(stream, entered);
    } catch (Throwable t) {
      guard.swallow(SITE_SCOPE, t);
    }
  }

  static void end(StreamRecorder stream, Status status) {
    end(stream, status, null);
  }

  /**
   * Ends a stream.
   *
   * @param unstarted run before the start is told of a stream that ends before it has started; null
   *     for nothing
   */
  @CallPath
  static void end(StreamRecorder stream, Status status, Runnable unstarted) {
    stream.end(status.getCode().value(), status.getDescription(), unstarted);
  }
}
