package io.streamgauge.internal.stream;

/**
 * Port: where a stream's counters are folded to. A stream counts in its own fields; readers, and
 * the stream itself when it ends, move what is new since the last time into the totals. All values
 * are at least zero.
 */
public interface StreamTotals {

  /** A start that does not follow from a clean end. */
  default void started() {}

  /** Messages the application sent and messages delivered to it. */
  void messages(long sent, long received);

  /** Bytes framed for the wire and read from it. */
  void wireBytes(long out, long in);

  /**
   * Backpressure.
   *
   * @param blockedNanos time not writable with writes pending
   * @param ignored messages sent all the same
   */
  void blocked(long blockedNanos, long ignored);
}
