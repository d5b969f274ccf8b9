package io.streamgauge.otel;

import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.streamgauge.internal.export.pull.HistogramProducer;

/**
 * Histograms that the OpenTelemetry SDK takes from the gauges when it collects, instead of being
 * told of each call. A call then costs a little less; the exported histograms count the same.
 *
 * <p>The producer belongs to one {@code SdkMeterProviderBuilder} and is registered before the SDK
 * is built; OpenTelemetry's autoconfiguration registers one by itself, unless it is configured by a
 * YAML file. All gauges of one SDK are given that very SDK. A gauge uses the producer if nothing is
 * lost by that: every reader is cumulative, no view applies to our histograms, and exemplars are
 * those of sampled spans. Otherwise, and with a version of the SDK that this build does not know,
 * it records each call as it does without a producer.
 */
public final class PulledMetrics {

  private PulledMetrics() {}

  /** A new producer, for {@code SdkMeterProviderBuilder.registerMetricProducer}. */
  public static MetricProducer producer() {
    return new HistogramProducer();
  }
}
