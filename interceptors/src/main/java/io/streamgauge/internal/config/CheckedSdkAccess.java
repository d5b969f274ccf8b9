package io.streamgauge.internal.config;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.streamgauge.internal.config.sdk.KnownSdk;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.SeriesTable;
import io.streamgauge.internal.tracing.SpanSource;
import java.util.function.Supplier;

/**
 * The answers of an {@link SdkAccess}; where the SDK is not there, or is another one, those of
 * none.
 */
final class CheckedSdkAccess {

  private final SdkAccess access;

  /**
   * @param given by another module; null for the SDK that this class loader sees
   */
  CheckedSdkAccess(SdkAccess given) {
    access = given == null ? seen() : given;
  }

  private static SdkAccess seen() {
    try {
      return new KnownSdk(true);
    } catch (LinkageError e) {
      return null; // under the agent, where the SDK is not in sight
    }
  }

  private <T> T ask(Supplier<T> question, T none) {
    try {
      return access == null ? none : question.get();
    } catch (LinkageError e) {
      return none; // the application has no SDK, or another one
    }
  }

  SpanSource spans(OpenTelemetry openTelemetry, Tracer tracer, String scope, String version) {
    return ask(() -> access.spans(openTelemetry, tracer, scope, version), null);
  }

  Runnable giveHistograms(
      OpenTelemetry openTelemetry,
      String scope,
      String version,
      boolean rpcDurations,
      Guard guard,
      SeriesTable table) {
    return ask(
        () -> access.giveHistograms(openTelemetry, scope, version, rpcDurations, guard, table),
        null);
  }

  boolean hasExemplarsBySpan(OpenTelemetry openTelemetry) {
    return ask(() -> access.hasExemplarsBySpan(openTelemetry), false);
  }
}
