package io.streamgauge.internal.export.otel;

import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.MetricEvents;
import io.streamgauge.internal.metrics.SeriesLabels;
import io.streamgauge.internal.stream.ContextSlot;

/** Counts stalls as they happen, each under the stream's own span: it is their exemplar. */
public final class OtelStalls implements MetricEvents {

  private final LongCounter stalls;

  /** Makes the instrument. */
  public OtelStalls(Meter meter) {
    stalls =
        meter
            .counterBuilder(MetricCatalog.STREAM_STALLS.instrumentName())
            .setDescription(MetricCatalog.STREAM_STALLS.help())
            .build();
  }

  @Override
  public void created(SeriesLabels labels) {
    OtelAttributes.of(labels).causes.values().forEach(each -> stalls.add(0, each, Context.root()));
  }

  @Override
  public void stalled(SeriesLabels labels, String cause, ContextSlot context) {
    stalls.add(1, OtelAttributes.of(labels).causes.get(cause), OtelAttributes.contextOf(context));
  }
}
