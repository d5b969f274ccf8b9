package io.streamgauge.ordersync.flow;

/** What happens to an item that comes while a {@link Backlog} is full. */
public enum OverflowPolicy {
  /** It is refused, until the backlog has fallen to its low mark. */
  REJECT_NEW,
  /** It is taken, and the one that has waited longest is refused in its stead. */
  DROP_OLDEST,
  /** It waits outside, for a bounded time, until the backlog has fallen to its low mark. */
  BLOCK_UNTIL_DRAIN
}
