package io.streamgauge.internal.metrics;

/**
 * How long the calls of one series took that ended with one code, by the bounds of the RPC semantic
 * conventions ({@link CallBounds#rpc()}); immutable.
 */
public final class CallDuration {

  private final SeriesLabels labels;
  private final int code;
  private final MetricPoint point;

  CallDuration(SeriesLabels labels, int code, MetricPoint point) {
    this.labels = labels;
    this.code = code;
    this.point = point;
  }

  public SeriesLabels labels() {
    return labels;
  }

  /** A numeric gRPC status code. */
  public int code() {
    return code;
  }

  /** A point without labels. */
  public MetricPoint point() {
    return point;
  }
}
