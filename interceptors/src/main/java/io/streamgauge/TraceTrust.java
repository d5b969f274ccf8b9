package io.streamgauge;

/** How far the trace headers of a caller are trusted. */
public enum TraceTrust {
  /** The caller is one of ours: its span is the parent, its sampling decision holds. */
  TRUSTED,
  /**
   * Anybody may call: a new trace begins, whose own sampler decides, and the caller's span becomes
   * a link on it. A stranger's sampled flag forces nothing.
   */
  EDGE
}
