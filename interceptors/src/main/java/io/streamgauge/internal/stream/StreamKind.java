package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;

/** What streams have in common that are counted in the same series. */
public final class StreamKind {

  final CallSide side;
  final StreamEnvironment env;
  final WatchedMethod method;

  /** Null while the series is not known, and where there is no room for one. */
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

  /** Whether a stream of that gauge and method may have this kind. */
  public boolean fits(StreamEnvironment otherEnv, WatchedMethod otherMethod) {
    return env == otherEnv && method == otherMethod;
  }
}
