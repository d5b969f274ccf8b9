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
   * The kind of the streams of this method that came last with a tag. Any thread replaces it; what
   * it points to never changes.
   */
  private volatile Tagged tagged;

  /** What a tag comes to: the kind to count its streams under. */
  public static final class Tagged {
    private final String tag;
    private final Object rules;
    private final StreamKind kind;

    /**
     * A tag whose streams are counted under that kind.
     *
     * @param rules by which the lane was found; others may find another one
     */
    public Tagged(String tag, Object rules, StreamKind kind) {
      this.tag = tag;
      this.rules = rules;
      this.kind = kind;
    }
  }

  /**
   * The kind to count a stream of this one under that has that tag; null if that is not known. Tags
   * are compared as objects: those of calls that are alike are the same.
   */
  @SuppressWarnings("ReferenceEquality")
  public StreamKind tagged(String tag, Object rules) {
    Tagged known = tagged;
    return known != null && known.tag == tag && known.rules == rules ? known.kind : null;
  }

  public void tagged(Tagged found) {
    tagged = found;
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
