package io.streamgauge;

/** What a call may cost; the value of {@code streamgauge.cost}. */
public enum Cost {
  /** Every call is followed on the wire, on both sides. */
  FULL,
  /**
   * A client does not follow its unary calls on the wire: their bytes, the depths {@code connect},
   * {@code stream_limit} and {@code executor}, the peer's address on their spans and their attempts
   * are not known. All else is, and streams are followed as ever.
   */
  LIGHT
}
