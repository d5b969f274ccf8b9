package io.streamgauge.benchmarks.sdk;

import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.SdkMeterProviderBuilder;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Collection;
import java.util.function.UnaryOperator;

/** Batches of spans and, each second, all metrics go to exporters that drop them. */
public final class BenchSdk {

  private BenchSdk() {}

  /**
   * An SDK of its own.
   *
   * @param sampled share of traces, 0 to 1
   * @param baggage whether baggage is propagated besides the trace
   */
  public static OpenTelemetrySdk open(double sampled, boolean baggage) {
    return open(sampled, baggage, meters -> meters);
  }

  /**
   * The same with more of metrics.
   *
   * @param meters adds to what makes the provider of meters
   */
  public static OpenTelemetrySdk open(
      double sampled, boolean baggage, UnaryOperator<SdkMeterProviderBuilder> meters) {
    TextMapPropagator trace = W3CTraceContextPropagator.getInstance();
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(sampled)))
                .addSpanProcessor(BatchSpanProcessor.builder(new NoSpans()).build())
                .build())
        .setMeterProvider(
            meters
                .apply(SdkMeterProvider.builder())
                .registerMetricReader(
                    PeriodicMetricReader.builder(new NoMetrics())
                        .setInterval(Duration.ofSeconds(1))
                        .build())
                .build())
        .setPropagators(
            ContextPropagators.create(
                baggage
                    ? TextMapPropagator.composite(trace, W3CBaggagePropagator.getInstance())
                    : trace))
        .build();
  }

  private static final class NoSpans implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class NoMetrics implements MetricExporter {
    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public CompletableResultCode export(Collection<MetricData> metrics) {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
