package io.streamgauge.ordersync.flow;

/**
 * How much a server takes; may change while it runs.
 *
 * @param high items in the backlog at which it is full
 * @param low items at which it no longer is
 * @param policy what happens to what comes in between
 * @param waitMillis longest wait under {@link OverflowPolicy#BLOCK_UNTIL_DRAIN}
 * @param perWindow messages a stream may send in any 100 ms
 * @param maxStreams streams open at once; more are refused
 * @param readyStreams streams above which the server says it is not ready for more
 */
public record FlowLimits(
    int high,
    int low,
    OverflowPolicy policy,
    long waitMillis,
    int perWindow,
    int maxStreams,
    int readyStreams) {

  public static final FlowLimits DEFAULT =
      new FlowLimits(5_000, 2_500, OverflowPolicy.REJECT_NEW, 2_000, 2_000, 2_000, 1_800);
}
