package io.streamgauge.internal.live;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.StreamMethod;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.internal.stream.StreamRecorder;

/** Reads a recorder once. */
final class RecordedSnapshot implements StreamSnapshot {

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

  RecordedSnapshot(StreamRecorder stream, long nowNanos) {
    id = stream.id();
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

  @Override
  public long id() {
    return id;
  }

  @Override
  public CallSide side() {
    return side;
  }

  @Override
  public StreamMethod method() {
    return method;
  }

  @Override
  public String lane() {
    return lane;
  }

  @Override
  public long ageNanos() {
    return ageNanos;
  }

  @Override
  public long sent() {
    return sent;
  }

  @Override
  public long received() {
    return received;
  }

  @Override
  public long connectDepth() {
    return connectDepth;
  }

  @Override
  public long limitDepth() {
    return limitDepth;
  }

  @Override
  public long executorDepth() {
    return executorDepth;
  }

  @Override
  public long handlerDepth() {
    return handlerDepth;
  }

  @Override
  public long applicationDepth() {
    return applicationDepth;
  }

  @Override
  public long transportBytes() {
    return transportBytes;
  }

  @Override
  public long deframerBytes() {
    return deframerBytes;
  }

  @Override
  public long retryBytes() {
    return retryBytes;
  }

  @Override
  public long idleNanos() {
    return idleNanos;
  }

  @Override
  public long demand() {
    return demand;
  }

  @Override
  public boolean notReady() {
    return notReady;
  }

  @Override
  public long blockedNanos() {
    return blockedNanos;
  }

  @Override
  public long wireBytesOut() {
    return wireOut;
  }

  @Override
  public long wireBytesIn() {
    return wireIn;
  }

  @Override
  public StallCause cause() {
    return cause;
  }

  @Override
  public String traceId() {
    return traceId;
  }

  @Override
  public String spanId() {
    return spanId;
  }

  @Override
  public boolean sampled() {
    return sampled;
  }
}
