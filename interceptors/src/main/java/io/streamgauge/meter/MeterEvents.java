package io.streamgauge.meter;

/**
 * Port: hears each timed value and each stall once, as it happens, for exporters whose histograms
 * cannot be pulled. Never called per message but for the sampled ones; what it throws is swallowed.
 * Trace and span id are the stream's own, null where it has none.
 */
public interface MeterEvents {

  /** In place of a code whose series was refused. */
  int NO_CODE = -1;

  /** A series exists from now on; its stall counters start at zero. */
  void created(MeterLabels labels);

  /** A value of a histogram. */
  void timed(
      MetricCatalog metric,
      MeterLabels labels,
      double seconds,
      String traceId,
      String spanId,
      boolean sampled);

  /**
   * The stream came to stand still.
   *
   * @param cause value of the {@code cause} label
   */
  void stalled(MeterLabels labels, String cause, String traceId, String spanId, boolean sampled);

  /**
   * The call has ended, {@code seconds} after it started.
   *
   * @param code numeric gRPC status code, or {@link #NO_CODE}
   */
  void ended(
      MeterLabels labels, int code, double seconds, String traceId, String spanId, boolean sampled);
}
