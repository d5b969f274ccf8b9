package io.streamgauge.internal.stream;

/** What can happen to the lane of a stream or of a message. */
public enum LaneEvent {
  /** The stream, or a message of it, has a tag; detail: where it came from. */
  RESOLVED,
  /** A tag that was sent was not taken; detail: why. */
  REJECTED,
  /** A tag should have been there and was not; detail: where. */
  LOST,
  /** Client: an attempt was routed; detail: the outcome. */
  ROUTED
}
