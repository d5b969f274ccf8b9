package io.streamgauge.internal.export.otel;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.metrics.CallBounds;
import io.streamgauge.internal.metrics.CodeLabels;
import io.streamgauge.internal.metrics.ExportSlot;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.SeriesLabels;
import io.streamgauge.internal.stream.ContextSlot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Attribute sets of one series, made once, and when its histograms had their exemplars. */
public final class OtelAttributes implements ExportSlot {

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system.name");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<String> STATUS = AttributeKey.stringKey("rpc.status_code");
  private static final AttributeKey<String> CAUSE = AttributeKey.stringKey("cause");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  final Attributes call;
  final Attributes withSide;
  final Map<String, Attributes> causes = new LinkedHashMap<>();
  private ExemplarPace handlingPace;

  /** Each code has a series of its own, and errors are few among the others. */
  private final ExemplarPace[] rpcPaces = new ExemplarPace[CodeLabels.COUNT];

  private final Attributes[] rpc = new Attributes[CodeLabels.COUNT];
  private final SeriesLabels labels;

  private OtelAttributes(SeriesLabels labels) {
    this.labels = labels;
    call = of(MetricCatalog.callLabels(), labels.call());
    withSide = of(MetricCatalog.STREAM_QUEUE.labels(), labels.withSide());
    for (String cause : labels.causes()) {
      causes.put(cause, withSide.toBuilder().put(CAUSE, cause).build());
    }
  }

  /** As attributes, labels of the catalogue and their values. */
  public static Attributes of(List<String> labels, List<String> values) {
    AttributesBuilder attributes = Attributes.builder();
    for (int i = 0; i < labels.size(); i++) {
      attributes.put(
          AttributeKey.stringKey(MetricCatalog.attributeName(labels.get(i))), values.get(i));
    }
    return attributes.build();
  }

  /** Those of that series. */
  public static OtelAttributes of(SeriesLabels labels) {
    OtelAttributes known = (OtelAttributes) labels.exported();
    if (known == null) {
      known = new OtelAttributes(labels);
      labels.exported(known);
    }
    return known;
  }

  /** The stream's own span, whatever is current on this thread. */
  static Context contextOf(ContextSlot own) {
    Context context = CallContext.measured(own);
    return context == null ? Context.root() : context;
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
    int index = CodeLabels.index(code);
    ExemplarPace known = rpcPaces[index];
    if (known == null) {
      known = new ExemplarPace(CallBounds.rpc());
      rpcPaces[index] = known;
    }
    return known;
  }

  /**
   * Of {@code rpc.*.call.duration} with that status code, by the RPC semantic conventions 1.45.0.
   * Two threads may both make the set of a code; they are equal.
   */
  public Attributes rpc(int code) {
    int index = CodeLabels.index(code);
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
