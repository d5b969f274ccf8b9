package io.streamgauge.internal.config.sdk;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.streamgauge.internal.config.SdkAccess;
import io.streamgauge.internal.export.sdk.SdkExemplars;
import io.streamgauge.internal.export.sdk.SdkHistograms;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.SeriesTable;
import io.streamgauge.internal.tracing.SpanSource;
import io.streamgauge.internal.tracing.sdk.SdkSpans;

/**
 * An SDK of a version that this build knows. The agent loads this class, and those it uses, by a
 * class loader that sees the agent's SDK.
 */
public final class KnownSdk implements SdkAccess {

  private final boolean histograms;

  /**
   * Makes one.
   *
   * @param histograms false if another gauge may tell that SDK of each call, which this one does
   *     too then: what some tell and others give would be two metrics of one name
   */
  public KnownSdk(boolean histograms) {
    this.histograms = histograms;
  }

  @Override
  public SpanSource spans(
      OpenTelemetry openTelemetry, Tracer tracer, String scope, String version) {
    return SdkSpans.of(openTelemetry, tracer, scope, version);
  }

  @Override
  public Runnable giveHistograms(
      OpenTelemetry openTelemetry,
      String scope,
      String version,
      boolean rpcDurations,
      Guard guard,
      SeriesTable table) {
    return histograms
        ? SdkHistograms.give(openTelemetry, scope, version, rpcDurations, guard, table)
        : null;
  }

  @Override
  public boolean hasExemplarsBySpan(OpenTelemetry openTelemetry) {
    return SdkExemplars.areBySpan(openTelemetry);
  }
}
