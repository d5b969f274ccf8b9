package io.streamgauge.internal.export.otel;

import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.metrics.CallBounds;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.MetricEvents;
import io.streamgauge.internal.metrics.SeriesLabels;
import io.streamgauge.internal.stream.ContextSlot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The histograms, and the RPC duration of the semantic conventions, which the OpenTelemetry API can
 * only record as it happens. Each value is recorded under the stream's own span, so that exemplars
 * point at it, whatever thread this is.
 */
public final class OtelHistograms implements MetricEvents {

  private final Map<MetricCatalog, DoubleHistogram> histograms = new EnumMap<>(MetricCatalog.class);
  private final DoubleHistogram serverHandling;
  private final DoubleHistogram clientHandling;
  private final DoubleHistogram serverDuration;
  private final DoubleHistogram clientDuration;
  private final boolean paced;

  /**
   * Makes the instruments.
   *
   * @param rpcDurations false where another instrumentation records {@code rpc.*.call.duration}
   * @param paced whether few of the values of a second are to be exemplars; only where a value
   *     without a span is none
   */
  public OtelHistograms(Meter meter, boolean rpcDurations, boolean paced) {
    this.paced = paced;
    for (MetricCatalog metric : MetricCatalog.values()) {
      if (metric.type() == MetricCatalog.Type.HISTOGRAM) {
        histograms.put(
            metric,
            histogram(
                meter, metric.instrumentName(), metric.unit(), metric.help(), metric.buckets()));
      }
    }
    serverHandling = histograms.get(MetricCatalog.SERVER_HANDLING);
    clientHandling = histograms.get(MetricCatalog.CLIENT_HANDLING);
    serverDuration = rpcDurations ? duration(meter, true) : null;
    clientDuration = rpcDurations ? duration(meter, false) : null;
  }

  /** Of the RPC semantic conventions 1.45.0, as is what follows. */
  public static String durationName(boolean server) {
    return server ? "rpc.server.call.duration" : "rpc.client.call.duration";
  }

  public static String durationHelp(boolean server) {
    return server ? "Duration of inbound calls." : "Duration of outbound calls.";
  }

  private static DoubleHistogram duration(Meter meter, boolean server) {
    return histogram(meter, durationName(server), "s", durationHelp(server), CallBounds.rpc());
  }

  private static DoubleHistogram histogram(
      Meter meter, String name, String unit, String help, double[] bounds) {
    List<Double> advice = new ArrayList<>();
    for (double bound : bounds) {
      advice.add(bound);
    }
    return meter
        .histogramBuilder(name)
        .setUnit(unit)
        .setDescription(help)
        .setExplicitBucketBoundariesAdvice(advice)
        .build();
  }

  @Override
  public void timed(
      MetricCatalog metric, SeriesLabels labels, double seconds, ContextSlot context) {
    histograms
        .get(metric)
        .record(seconds, OtelAttributes.of(labels).withSide, OtelAttributes.contextOf(context));
  }

  @Override
  @CallPath(recorded = true)
  public void ended(SeriesLabels labels, int code, double seconds, ContextSlot own, long nowNanos) {
    OtelAttributes attributes = OtelAttributes.of(labels);
    boolean paces = paced && own != null;
    Context context = OtelAttributes.contextOf(own);
    (labels.isServer() ? serverHandling : clientHandling)
        .record(
            seconds,
            attributes.call,
            paces ? attributes.handlingPace().pick(context, seconds, nowNanos) : context);
    DoubleHistogram rpc = labels.isServer() ? serverDuration : clientDuration;
    if (rpc != null && code != NO_CODE) {
      rpc.record(
          seconds,
          attributes.rpc(code),
          paces ? attributes.rpcPace(code).pick(context, seconds, nowNanos) : context);
    }
  }
}
