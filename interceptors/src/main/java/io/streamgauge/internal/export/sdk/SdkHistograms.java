package io.streamgauge.internal.export.sdk;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.InstrumentValueType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.DoubleExemplarData;
import io.opentelemetry.sdk.metrics.internal.descriptor.Advice;
import io.opentelemetry.sdk.metrics.internal.descriptor.InstrumentDescriptor;
import io.opentelemetry.sdk.metrics.internal.export.RegisteredReader;
import io.opentelemetry.sdk.metrics.internal.state.MeterProviderSharedState;
import io.opentelemetry.sdk.metrics.internal.view.RegisteredView;
import io.opentelemetry.sdk.metrics.internal.view.ViewRegistry;
import io.streamgauge.internal.export.otel.OtelAttributes;
import io.streamgauge.internal.export.otel.OtelHistograms;
import io.streamgauge.internal.export.pull.HistogramProducer;
import io.streamgauge.internal.export.pull.HistogramSource;
import io.streamgauge.internal.export.pull.PulledHistograms;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.CallBounds;
import io.streamgauge.internal.metrics.CallDuration;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.MetricFamily;
import io.streamgauge.internal.metrics.MetricPoint;
import io.streamgauge.internal.metrics.SeriesTable;
import io.streamgauge.internal.metrics.TraceExemplar;
import io.streamgauge.internal.sdk.SdkFields;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Gives the histograms of one gauge to a {@link HistogramProducer} of the SDK. Recording each value
 * there costs a call four look-ups and four locks, and the gauge has counted it already.
 */
public final class SdkHistograms implements HistogramSource {

  private static final String SITE = "otel.pull";

  private final Guard guard;
  private final SeriesTable table;
  private final boolean rpcDurations;

  private final Meter meter;

  /** Whether that meter is on. */
  private final Field enabled;

  private volatile boolean closed;

  /** What it gave last. Written by threads that collect; any of it is a state that was. */
  private volatile PulledHistograms latest = new PulledHistograms();

  private SdkHistograms(Guard guard, SeriesTable table, boolean rpcDurations, Meter meter)
      throws ReflectiveOperationException {
    this.guard = guard;
    this.table = table;
    this.rpcDurations = rpcDurations;
    this.meter = meter;
    this.enabled = SdkFields.field(meter.getClass(), "meterEnabled");
  }

  /**
   * Gives a gauge's histograms to that OpenTelemetry, if it is an SDK with a producer of ours, and
   * shows what comes from a producer as it shows what is recorded: cumulative, with our bounds,
   * under no view, and with exemplars of sampled spans. The answer is the same for all gauges of
   * one SDK: what some record and others give would be two metrics of one name.
   *
   * @param table of a gauge that has had no calls
   * @param rpcDurations false where another instrumentation records {@code rpc.*.call.duration}
   * @return lets go of the gauge when its last call is over; null where each value has to be
   *     recorded
   * @throws LinkageError if the SDK is not there, or is another one
   */
  public static Runnable give(
      OpenTelemetry openTelemetry,
      String scopeName,
      String scopeVersion,
      boolean rpcDurations,
      Guard guard,
      SeriesTable table) {
    if (!SdkExemplars.areBySpan(openTelemetry)) {
      return null; // nor is it an SDK we know
    }
    InstrumentationScopeInfo scope =
        InstrumentationScopeInfo.builder(scopeName).setVersion(scopeVersion).build();
    try {
      SdkMeterProvider provider = SdkFields.sdk(openTelemetry).getSdkMeterProvider();
      HistogramProducer producer = producer(provider);
      if (producer == null || !showsAll(provider, scope)) {
        return null;
      }
      Meter meter =
          provider.meterBuilder(scopeName).setInstrumentationVersion(scopeVersion).build();
      SdkHistograms source = new SdkHistograms(guard, table, rpcDurations, meter);
      MeterProviderSharedState shared =
          (MeterProviderSharedState) SdkFields.value(provider, "sharedState");
      table.keepDurations();
      producer.add(scope, shared.getClock(), source);
      return () -> source.closed = true;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  private static HistogramProducer producer(SdkMeterProvider provider)
      throws ReflectiveOperationException {
    for (Object producer : (List<?>) SdkFields.value(provider, "metricProducers")) {
      if (producer instanceof HistogramProducer) {
        return (HistogramProducer) producer;
      }
    }
    return null;
  }

  /** Whether every reader would show the recorded values as a producer's. */
  private static boolean showsAll(SdkMeterProvider provider, InstrumentationScopeInfo scope)
      throws ReflectiveOperationException {
    for (Object each : (List<?>) SdkFields.value(provider, "registeredReaders")) {
      RegisteredReader reader = (RegisteredReader) each;
      if (reader.getReader().getAggregationTemporality(InstrumentType.HISTOGRAM)
          != AggregationTemporality.CUMULATIVE) {
        return false;
      }
      for (MetricCatalog metric : MetricCatalog.values()) {
        if (metric.type() == MetricCatalog.Type.HISTOGRAM
            && !isPlain(
                reader,
                scope,
                metric.instrumentName(),
                metric.unit(),
                metric.help(),
                metric.buckets())) {
          return false;
        }
      }
      for (boolean server : new boolean[] {true, false}) {
        if (!isPlain(
            reader,
            scope,
            OtelHistograms.durationName(server),
            "s",
            OtelHistograms.durationHelp(server),
            CallBounds.rpc())) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether that reader has the histogram under the view that a user without views has. */
  private static boolean isPlain(
      RegisteredReader reader,
      InstrumentationScopeInfo scope,
      String name,
      String unit,
      String help,
      double[] bounds) {
    InstrumentDescriptor histogram =
        InstrumentDescriptor.create(
            name,
            help,
            unit,
            InstrumentType.HISTOGRAM,
            InstrumentValueType.DOUBLE,
            Advice.builder()
                .setExplicitBucketBoundaries(
                    DoubleStream.of(bounds).boxed().collect(Collectors.toList()))
                .build());
    List<RegisteredView> views = reader.getViewRegistry().findViews(histogram, scope);
    RegisteredView plain = ViewRegistry.create().findViews(histogram, scope).get(0);
    // The text has all that a view says; not all parts of it are equal to those of an equal one.
    return views.size() == 1
        && views.get(0).getView().toString().equals(plain.getView().toString())
        && views.get(0).getCardinalityLimit() >= plain.getCardinalityLimit();
  }

  // ---- what there is -------------------------------------------------------------------------

  @Override
  public boolean isShown() {
    try {
      return enabled.getBoolean(meter);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  @Override
  public boolean isOver() {
    return closed && table.isIdle();
  }

  @Override
  public void failed(Throwable fault) {
    guard.swallow(SITE, fault);
  }

  @Override
  public PulledHistograms collect() {
    try {
      PulledHistograms now = now();
      latest = now;
      return now;
    } catch (Throwable t) {
      failed(t);
      return latest; // a count that fell would say that we began anew
    }
  }

  private PulledHistograms now() {
    PulledHistograms all = new PulledHistograms();
    for (MetricFamily family : table.histograms().families()) {
      MetricCatalog metric = family.metric();
      if (!family.points().isEmpty()) {
        PulledHistograms.Metric pulled =
            all.metric(metric.instrumentName(), metric.unit(), metric.help(), metric.buckets());
        for (MetricPoint point : family.points()) {
          pulled.add(OtelAttributes.of(metric.labels(), point.labelValues()), pull(point));
        }
      }
    }
    if (rpcDurations) {
      for (CallDuration duration : table.durations()) {
        boolean server = duration.labels().isServer();
        all.metric(
                OtelHistograms.durationName(server),
                "s",
                OtelHistograms.durationHelp(server),
                CallBounds.rpc())
            .add(OtelAttributes.of(duration.labels()).rpc(duration.code()), pull(duration.point()));
      }
    }
    return all;
  }

  private static PulledHistograms.Point pull(MetricPoint point) {
    int buckets = point.bucketCount();
    long[] counts = new long[buckets];
    DoubleExemplarData[] exemplars = new DoubleExemplarData[buckets];
    for (int i = 0; i < buckets; i++) {
      counts[i] = point.cumulative(i) - (i == 0 ? 0 : point.cumulative(i - 1));
      exemplars[i] = pull(point.exemplar(i));
    }
    return new PulledHistograms.Point(
        TimeUnit.MILLISECONDS.toNanos(point.sinceMillis()),
        counts,
        point.value(),
        point.least(),
        point.greatest(),
        exemplars);
  }

  private static DoubleExemplarData pull(TraceExemplar exemplar) {
    return exemplar == null
        ? null
        : DoubleExemplarData.create(
            Attributes.empty(),
            TimeUnit.MILLISECONDS.toNanos(exemplar.timestampMillis()),
            SpanContext.create(
                exemplar.traceId(),
                exemplar.spanId(),
                TraceFlags.getSampled(),
                TraceState.getDefault()),
            exemplar.value());
  }
}
