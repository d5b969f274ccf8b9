package io.streamgauge.internal.export.otel;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.metrics.CodeLabels;
import io.streamgauge.internal.metrics.ExportSlot;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.MetricEvents;
import io.streamgauge.internal.metrics.SeriesLabels;
import io.streamgauge.internal.stream.ContextSlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the OpenTelemetry API can only record as it happens: histograms, stalls, and the RPC
 * duration of the semantic conventions. Each value is recorded under the stream's own span, so that
 * exemplars point at it, whatever thread this is.
 */
public final class OtelEvents implements MetricEvents {

  /** Bounds the RPC semantic conventions 1.45.0 advise for call duration, seconds. */
  private static final List<Double> RPC_SECONDS =
      Collections.unmodifiableList(
          Arrays.asList(.005, .01, .025, .05, .075, .1, .25, .5, .75, 1.0, 2.5, 5.0, 7.5, 10.0));

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system.name");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<String> STATUS = AttributeKey.stringKey("rpc.status_code");
  private static final AttributeKey<String> CAUSE = AttributeKey.stringKey("cause");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  private final Map<MetricCatalog, DoubleHistogram> histograms = new EnumMap<>(MetricCatalog.class);
  private final DoubleHistogram serverHandling;
  private final DoubleHistogram clientHandling;
  private final LongCounter stalls;
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
  public OtelEvents(Meter meter, boolean rpcDurations, boolean paced) {
    this.paced = paced;
    for (MetricCatalog metric : MetricCatalog.values()) {
      if (metric.type() == MetricCatalog.Type.HISTOGRAM) {
        List<Double> bounds = new ArrayList<>();
        for (double bound : metric.buckets()) {
          bounds.add(bound);
        }
        histograms.put(
            metric,
            meter
                .histogramBuilder(metric.instrumentName())
                .setUnit(metric.unit())
                .setDescription(metric.help())
                .setExplicitBucketBoundariesAdvice(bounds)
                .build());
      }
    }
    serverHandling = histograms.get(MetricCatalog.SERVER_HANDLING);
    clientHandling = histograms.get(MetricCatalog.CLIENT_HANDLING);
    stalls =
        meter
            .counterBuilder(MetricCatalog.STREAM_STALLS.instrumentName())
            .setDescription(MetricCatalog.STREAM_STALLS.help())
            .build();
    serverDuration =
        rpcDurations
            ? duration(meter, "rpc.server.call.duration", "Duration of inbound calls.")
            : null;
    clientDuration =
        rpcDurations
            ? duration(meter, "rpc.client.call.duration", "Duration of outbound calls.")
            : null;
  }

  private static DoubleHistogram duration(Meter meter, String name, String help) {
    return meter
        .histogramBuilder(name)
        .setUnit("s")
        .setDescription(help)
        .setExplicitBucketBoundariesAdvice(RPC_SECONDS)
        .build();
  }

  @Override
  public void created(SeriesLabels labels) {
    cached(labels).causes.values().forEach(cause -> stalls.add(0, cause, Context.root()));
  }

  @Override
  public void timed(
      MetricCatalog metric, SeriesLabels labels, double seconds, ContextSlot context) {
    histograms.get(metric).record(seconds, cached(labels).withSide, contextOf(context));
  }

  @Override
  public void stalled(SeriesLabels labels, String cause, ContextSlot context) {
    stalls.add(1, cached(labels).causes.get(cause), contextOf(context));
  }

  @Override
  @CallPath
  public void ended(SeriesLabels labels, int code, double seconds, ContextSlot own, long nowNanos) {
    Cached cached = cached(labels);
    boolean paces = paced && own != null;
    Context context = contextOf(own);
    (labels.isServer() ? serverHandling : clientHandling)
        .record(
            seconds,
            cached.call,
            paces ? cached.handlingPace().pick(context, seconds, nowNanos) : context);
    DoubleHistogram rpc = labels.isServer() ? serverDuration : clientDuration;
    if (rpc != null && code != NO_CODE) {
      rpc.record(
          seconds,
          cached.rpc(code),
          paces ? cached.rpcPace(code).pick(context, seconds, nowNanos) : context);
    }
  }

  private static Cached cached(SeriesLabels labels) {
    Cached cached = (Cached) labels.exported();
    if (cached == null) {
      cached = new Cached(labels);
      labels.exported(cached);
    }
    return cached;
  }

  /** The stream's own span, whatever is current on this thread. */
  private static Context contextOf(ContextSlot own) {
    Context context = CallContext.measured(own);
    return context == null ? Context.root() : context;
  }

  /** Attribute sets of one series, made once. */
  private static final class Cached implements ExportSlot {
    final Attributes call;
    final Attributes withSide;
    final Map<String, Attributes> causes = new LinkedHashMap<>();
    private ExemplarPace handlingPace;

    /** Each code has a series of its own, and errors are few among the others. */
    private final ExemplarPace[] rpcPaces = new ExemplarPace[CodeLabels.COUNT];

    private final Attributes[] rpc = new Attributes[CodeLabels.COUNT];
    private final SeriesLabels labels;

    Cached(SeriesLabels labels) {
      this.labels = labels;
      call = OtelObservers.attributes(MetricCatalog.callLabels(), labels.call());
      withSide = OtelObservers.attributes(MetricCatalog.STREAM_QUEUE.labels(), labels.withSide());
      for (String cause : labels.causes()) {
        causes.put(cause, withSide.toBuilder().put(CAUSE, cause).build());
      }
    }

    // Made with the first use; two threads may both make one, and an exemplar more.

    ExemplarPace handlingPace() {
      ExemplarPace known = handlingPace;
      if (known == null) {
        known = new ExemplarPace(MetricCatalog.SERVER_HANDLING.buckets());
        handlingPace = known;
      }
      return known;
    }

    ExemplarPace rpcPace(int code) {
      int index = index(code);
      ExemplarPace known = rpcPaces[index];
      if (known == null) {
        known = new ExemplarPace(RPC_SECONDS.stream().mapToDouble(Double::doubleValue).toArray());
        rpcPaces[index] = known;
      }
      return known;
    }

    private static int index(int code) {
      return code >= 0 && code < CodeLabels.COUNT ? code : 2;
    }

    /** Two threads may both make the set of a code; they are equal. */
    Attributes rpc(int code) {
      int index = index(code);
      Attributes known = rpc[index];
      if (known == null) {
        String name = CodeLabels.rpcName(index);
        known = Attributes.of(SYSTEM, "grpc", METHOD, labels.fullMethod(), STATUS, name);
        if (labels.isError(index)) {
          known = known.toBuilder().put(ERROR, name).build();
        }
        rpc[index] = known;
      }
      return known;
    }
  }
}
