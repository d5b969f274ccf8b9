package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;

/** What streams have in common that are counted in the same series. */
public final class StreamKind {

  final CallSide side;
  final StreamEnvironment env;
  final WatchedMethod method;

  /** Null until the series table has found the series, and where the table refuses to make one. */
  final StreamTotals totals;

  final boolean unary;
  final boolean server;

  /** Whether this side may receive more than one message. */
  final boolean streamsInbound;

  public StreamKind(
      CallSide side, StreamEnvironment env, WatchedMethod method, StreamTotals totals) {
    this.side = side;
    this.env = env;
    this.method = method;
    this.totals = totals;
    this.unary = method.type() == CallType.UNARY;
    this.server = side == CallSide.SERVER;
    this.streamsInbound = method.type().streamsInbound(side);
  }

  /**
   * The kind of the streams of this method in the lane {@link StreamRecorder#BASELINE}, once one
   * was counted. Any thread writes it, always the same.
   */
  private volatile StreamKind baseline;

  /** The kind to count a stream of this one under that has no tag; null if that is not known. */
  public StreamKind baseline() {
    return baseline;
  }

  public void baseline(StreamKind counted) {
    baseline = counted;
  }

  /**
   * What tracing keeps for streams of this kind. Any thread replaces it; what it points to never
   * changes, so a thread that reads an older one is served as well.
   */
  private volatile KindSlot slot;

  /** Null until something is kept. */
  public KindSlot slot() {
    return slot;
  }

  public void slot(KindSlot kept) {
    slot = kept;
  }

  /** Where streams of this kind count; null while that is not known. */
  public StreamTotals totals() {
    return totals;
  }

  /** Whether a stream of that gauge and method may have this kind. */
  public boolean fits(StreamEnvironment otherEnv, WatchedMethod otherMethod) {
    return env == otherEnv && method == otherMethod;
  }
}
