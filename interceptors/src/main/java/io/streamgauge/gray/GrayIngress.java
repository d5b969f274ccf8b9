package io.streamgauge.gray;

/** How far the tag a caller sends is believed. */
public enum GrayIngress {
  /** Callers are ours. */
  TRUSTED,
  /**
   * Anybody may call: header, aliases and baggage entry are removed unless {@link GrayEdge} says
   * yes.
   */
  EDGE,
  /** The tag of no caller is taken. */
  DENY
}
