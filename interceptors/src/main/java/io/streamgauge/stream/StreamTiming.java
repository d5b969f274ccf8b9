package io.streamgauge.stream;

/** Which messages are timed; the value of {@code streamgauge.timing}. */
public enum StreamTiming {
  /** None; no clock is read for messages. */
  OFF(0),
  /** Every 16th of a stream. */
  SAMPLED(4),
  /** Every message: two to three clock reads each. */
  ALL(0);

  /** No count of messages has all bits clear. */
  private static final long NEVER = -1;

  private final int shift;

  StreamTiming(int shift) {
    this.shift = shift;
  }

  /** The messages that are timed are those whose number has none of these bits. */
  long mask() {
    return this == OFF ? NEVER : (1L << shift) - 1;
  }

  int shift() {
    return shift;
  }
}
