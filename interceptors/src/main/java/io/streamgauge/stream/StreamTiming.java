package io.streamgauge.stream;

/** Which messages are timed; the value of {@code streamgauge.timing}. */
public enum StreamTiming {
  /** None; no clock is read for messages. */
  OFF(0),
  /** Every 16th of a stream. */
  SAMPLED(4),
  /** Every message: two to three clock reads each. */
  ALL(0);

  private final int shift;

  StreamTiming(int shift) {
    this.shift = shift;
  }

  int shift() {
    return shift;
  }
}
