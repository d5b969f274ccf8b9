package io.streamgauge;

/** What a call may cost; the value of {@code streamgauge.cost}. */
public enum Cost {
  /** Every call is followed on the wire, on both sides. */
  FULL,
  /**
   * A client does not follow its unary calls on the wire: their bytes, their depths and waits
   * there, the peer's address and their attempts are not known. They are counted, timed and traced.
   */
  LIGHT
}
