package io.streamgauge;

/** Which messages are timed; the value of {@code streamgauge.timing}. */
public enum Timing {
  /** None; no clock is read for messages. */
  OFF,
  /** Every 16th of a stream. */
  SAMPLED,
  /** Every message: two to three clock reads each. */
  ALL
}
