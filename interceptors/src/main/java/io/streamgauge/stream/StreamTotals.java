package io.streamgauge.stream;

/**
 * Port: where a stream's counters are folded to. A stream counts in its own fields; readers, and
 * the stream itself when it ends, move what is new since the last time into the totals.
 */
public interface StreamTotals {

  /**
   * Adds what a stream counted since it was last drained. All values are at least zero.
   *
   * @param sent messages the application sent
   * @param received messages delivered to the application
   */
  void add(long sent, long received);
}
