package io.streamgauge.internal.live;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.StreamMethod;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * An open stream at one moment, immutable. Depths are messages; {@link #UNKNOWN} marks a depth that
 * what is installed cannot know, which is not the same as 0.
 */
public final class StreamView {

  /** A depth that cannot be known with what is installed. */
  public static final long UNKNOWN = StreamRecorder.UNKNOWN;

  private final long id;
  private final CallSide side;
  private final StreamMethod method;
  private final String lane;
  private final long ageNanos;
  private final long sent;
  private final long received;
  private final long connectDepth;
  private final long limitDepth;
  private final long executorDepth;
  private final long handlerDepth;
  private final long applicationDepth;
  private final long transportBytes;
  private final long deframerBytes;
  private final long retryBytes;
  private final long idleNanos;
  private final long demand;
  private final boolean notReady;
  private final long blockedNanos;
  private final long wireOut;
  private final long wireIn;
  private final StallCause cause;
  private final String traceId;
  private final String spanId;
  private final boolean sampled;

  StreamView(StreamRecorder stream, long nowNanos) {
    id = stream.id;
    side = stream.side();
    method = stream.method();
    lane = stream.lane();
    ageNanos = Math.max(0, nowNanos - stream.startNanos());
    sent = stream.sent();
    received = stream.received();
    connectDepth = stream.connectDepth();
    limitDepth = stream.connectKnown() ? stream.limitDepth() : UNKNOWN;
    executorDepth = stream.executorDepth();
    handlerDepth = stream.handlerDepth();
    applicationDepth = stream.applicationDepth();
    transportBytes = stream.transportBytes();
    deframerBytes = stream.deframerBytes();
    retryBytes = stream.retryBytes();
    idleNanos = Math.max(0, nowNanos - stream.movedNanos());
    demand = stream.demand();
    notReady = stream.isNotReady();
    blockedNanos = stream.blockedNanos();
    long out = stream.wireOut();
    long in = stream.wireIn();
    boolean bytes = stream.executorKnown() && (out > 0 || in > 0);
    wireOut = bytes ? out : UNKNOWN;
    wireIn = bytes ? in : UNKNOWN;
    cause = stream.cause();
    traceId = stream.traceId();
    spanId = stream.spanId();
    sampled = stream.sampled();
  }

  /** Number of the stream within this process and gauge; never a label. */
  public long id() {
    return id;
  }

  public CallSide side() {
    return side;
  }

  public StreamMethod method() {
    return method;
  }

  public String lane() {
    return lane;
  }

  public long ageNanos() {
    return ageNanos;
  }

  /** Messages the application has sent. */
  public long sent() {
    return sent;
  }

  /** Messages delivered to the application. */
  public long received() {
    return received;
  }

  /** Client: messages waiting for a name or a connection. */
  public long connectDepth() {
    return connectDepth;
  }

  /**
   * Client: messages in a transport stream whose headers have not left, as at the peer's limit of
   * concurrent streams.
   */
  public long limitDepth() {
    return limitDepth;
  }

  /** Messages parsed and waiting for the application's thread. */
  public long executorDepth() {
    return executorDepth;
  }

  /** Messages inside the application's callback: 0 or 1. */
  public long handlerDepth() {
    return handlerDepth;
  }

  /** Messages in the queues the application registered. */
  public long applicationDepth() {
    return applicationDepth;
  }

  /** Bytes framed and not written to the socket yet; known under the agent only. */
  public long transportBytes() {
    return transportBytes;
  }

  /** Bytes that have arrived and the application has not asked for; known under the agent only. */
  public long deframerBytes() {
    return deframerBytes;
  }

  /** Client: bytes gRPC keeps in case it must send again; known under the agent only. */
  public long retryBytes() {
    return retryBytes;
  }

  /** Time since the watch saw a counter move; it looks once a second. */
  public long idleNanos() {
    return idleNanos;
  }

  /** Messages asked for and not delivered yet. */
  public long demand() {
    return demand;
  }

  /** Whether the stream is not writable while writes are pending. */
  public boolean notReady() {
    return notReady;
  }

  /** Time not writable with writes pending. */
  public long blockedNanos() {
    return blockedNanos;
  }

  /** Bytes framed for the wire; {@link #UNKNOWN} on transports that have none. */
  public long wireBytesOut() {
    return wireOut;
  }

  /** Bytes read from the wire; {@link #UNKNOWN} on transports that have none. */
  public long wireBytesIn() {
    return wireIn;
  }

  /** Why the stream stands still, or null while it does not. */
  public StallCause cause() {
    return cause;
  }

  /** 32 hex digits, or null. */
  public String traceId() {
    return traceId;
  }

  /** 16 hex digits, or null. */
  public String spanId() {
    return spanId;
  }

  public boolean sampled() {
    return sampled;
  }
}
