package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.ContextSlot;

/**
 * Port: hears each timed value and each stall once, as it happens, for exporters whose histograms
 * cannot be pulled. Never called per message but for the sampled ones; what it throws is swallowed.
 * The context is that of the stream's own span; null where the stream has none, or its trace is not
 * recorded.
 */
public interface MetricEvents {

  /** In place of a code whose series was refused. */
  int NO_CODE = -1;

  /** A series exists from now on; its stall counters start at zero. */
  default void created(SeriesLabels labels) {}

  /** A value of a histogram. */
  default void timed(
      MetricCatalog metric, SeriesLabels labels, double seconds, ContextSlot context) {}

  /**
   * The stream came to stand still.
   *
   * @param cause value of the {@code cause} label
   */
  default void stalled(SeriesLabels labels, String cause, ContextSlot context) {}

  /**
   * The call has ended, {@code seconds} after it started.
   *
   * @param code numeric gRPC status code, or {@link #NO_CODE}
   * @param nowNanos by the clock of the streams
   */
  default void ended(
      SeriesLabels labels, int code, double seconds, ContextSlot context, long nowNanos) {}
}
