package io.streamgauge.internal.config;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.SeriesTable;
import io.streamgauge.internal.tracing.SpanSource;

/**
 * What a gauge asks of the OpenTelemetry SDK beyond the API. An answer may be a {@link
 * LinkageError} where the SDK is not there, or is another one; {@link CheckedSdkAccess} asks with
 * that in mind.
 */
public interface SdkAccess {

  /** Spans without the SDK's builder; null where OpenTelemetry is no SDK that can be read. */
  SpanSource spans(OpenTelemetry openTelemetry, Tracer tracer, String scope, String version);

  /**
   * Lets the SDK take the histograms when it collects.
   *
   * @return lets go of the gauge when its last call is over; null where each value has to be
   *     recorded
   */
  Runnable giveHistograms(
      OpenTelemetry openTelemetry,
      String scope,
      String version,
      boolean rpcDurations,
      Guard guard,
      SeriesTable table);

  /** Whether OpenTelemetry is known to make exemplars of values under sampled spans only. */
  boolean hasExemplarsBySpan(OpenTelemetry openTelemetry);
}
