package io.streamgauge.internal.export.otel;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.DoubleExemplarData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.streamgauge.StallCause;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.MetricEvents;
import io.streamgauge.internal.metrics.SeriesLabels;
import io.streamgauge.internal.metrics.TestTable;
import io.streamgauge.internal.stream.ContextSlot;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The catalogue through OpenTelemetry: what is observed, and what is recorded as it happens. */
@UnitTest
class OtelExportTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final AttributeKey<String> CAUSE = AttributeKey.stringKey("cause");
  private static final AttributeKey<String> STATUS = AttributeKey.stringKey("rpc.status_code");

  private final InMemoryMetricReader reader = InMemoryMetricReader.create();
  private final SdkMeterProvider sdk =
      SdkMeterProvider.builder().registerMetricReader(reader).build();
  private final Meter meter = sdk.get("test");
  private final TestTable table = new TestTable();
  private final Guard guard = new Guard();

  @AfterEach
  void close() {
    sdk.close();
  }

  private MetricData metric(String name) {
    return find(reader.collectAllMetrics(), name);
  }

  private static MetricData find(Collection<MetricData> all, String name) {
    return all.stream().filter(metric -> metric.getName().equals(name)).findFirst().orElse(null);
  }

  // ---- observed ------------------------------------------------------------------------------

  @Test
  void sumsAreSumsAndOnlyMaximaAreGauges() {
    OtelObservers.register(guard, table::snapshot, meter);
    table.open(null).onRequest(3);
    table.pass(2);
    Collection<MetricData> all = reader.collectAllMetrics();
    MetricData started = find(all, "grpc.server.started");
    MetricData demand = find(all, "grpc.stream.demand");
    MetricData oldest = find(all, "grpc.stream.oldest_age");

    assertThat(started.getType()).isEqualTo(MetricDataType.DOUBLE_SUM);
    assertThat(started.getDoubleSumData().isMonotonic()).isTrue();
    assertThat(demand.getType()).isEqualTo(MetricDataType.DOUBLE_SUM);
    assertThat(demand.getDoubleSumData().isMonotonic()).isFalse();
    assertThat(oldest.getType()).isEqualTo(MetricDataType.DOUBLE_GAUGE);
    assertThat(oldest.getUnit()).isEqualTo("s");
    assertThat(oldest.getDoubleGaugeData().getPoints())
        .singleElement()
        .satisfies(point -> assertThat(point.getValue()).isEqualTo(2));
    assertThat(demand.getDoubleSumData().getPoints())
        .singleElement()
        .satisfies(
            point -> {
              assertThat(point.getValue()).isEqualTo(3);
              assertThat(point.getAttributes().get(AttributeKey.stringKey("grpc.type")))
                  .isEqualTo("bidi_stream");
              assertThat(point.getAttributes().get(AttributeKey.stringKey("gray.tag")))
                  .isEqualTo("baseline");
              assertThat(point.getAttributes().get(AttributeKey.stringKey("side")))
                  .isEqualTo("server");
            });
  }

  @Test
  void afterItWasUndoneNothingIsObserved() {
    Runnable undo = OtelObservers.register(guard, table::snapshot, meter);
    table.open(null);
    assertThat(metric("grpc.server.started")).isNotNull();
    undo.run();

    assertThat(metric("grpc.server.started")).isNull();
  }

  @Test
  void aFaultOfOursLeavesTheCollectionOfOthersAlone() {
    OtelObservers.register(
        guard,
        () -> {
          throw new IllegalStateException("ours");
        },
        meter);
    meter.counterBuilder("theirs").build().add(1);

    assertThat(metric("theirs")).isNotNull();
    assertThat(guard.faults("otel.collect")).isPositive();
  }

  // ---- recorded ------------------------------------------------------------------------------

  private StreamRecorder recordedStream() {
    StreamRecorder stream = table.open(TRACE);
    CallContext.measured(
        stream,
        Context.root()
            .with(
                Span.wrap(
                    SpanContext.create(
                        TRACE,
                        "b7ad6b7169203331",
                        TraceFlags.getSampled(),
                        TraceState.getDefault()))));
    return stream;
  }

  @Test
  void aStallIsCountedUnderItsCauseAndTheOthersStartAtZero() {
    table.table().tell(new OtelStalls(meter));
    StreamRecorder stream = recordedStream();
    table.table().stalled(stream, StallCause.NO_DEMAND);
    Collection<LongPointData> points = metric("grpc.stream.stalls").getLongSumData().getPoints();

    assertThat(points).hasSize(StallCause.of(stream.side()).size());
    assertThat(points)
        .filteredOn(point -> point.getValue() == 1)
        .singleElement()
        .satisfies(
            point -> {
              assertThat(point.getAttributes().get(CAUSE)).isEqualTo("no_demand");
              assertThat(point.getExemplars())
                  .singleElement()
                  .satisfies(
                      exemplar ->
                          assertThat(exemplar.getSpanContext().getTraceId()).isEqualTo(TRACE));
            });
  }

  @Test
  void anEndIsRecordedInOurHistogramAndInThatOfTheConventions() {
    table.table().tell(new OtelHistograms(meter, true, false));
    StreamRecorder stream = recordedStream();
    table.pass(3);
    stream.end(13, null);
    Collection<MetricData> all = reader.collectAllMetrics();
    HistogramPointData ours =
        find(all, "grpc.server.handling").getHistogramData().getPoints().iterator().next();
    HistogramPointData conventions =
        find(all, "rpc.server.call.duration").getHistogramData().getPoints().iterator().next();

    assertThat(ours.getSum()).isEqualTo(3);
    assertThat(ours.getBoundaries()).hasSize(MetricCatalog.SERVER_HANDLING.buckets().length);
    assertThat(conventions.getSum()).isEqualTo(3);
    assertThat(conventions.getAttributes())
        .isEqualTo(
            Attributes.builder()
                .put("rpc.system.name", "grpc")
                .put("rpc.method", "pkg.Service/bidi_stream")
                .put("rpc.status_code", "INTERNAL")
                .put("error.type", "INTERNAL")
                .build());
    assertThat(find(all, "rpc.client.call.duration")).isNull();
  }

  @Test
  void whereAnotherInstrumentationRecordsTheConventionsWeDoNot() {
    table.table().tell(new OtelHistograms(meter, false, false));
    recordedStream().end(0, null);

    assertThat(metric("grpc.server.handling")).isNotNull();
    assertThat(metric("rpc.server.call.duration")).isNull();
  }

  /** A code whose series was refused at the ceiling has no duration by the conventions either. */
  private static List<DoubleExemplarData> exemplars(MetricData metric, String status) {
    return metric.getHistogramData().getPoints().stream()
        .filter(point -> status.equals(point.getAttributes().get(STATUS)))
        .flatMap(point -> point.getExemplars().stream())
        .toList();
  }

  /** Of a server's series. */
  private SeriesLabels labels() {
    AtomicReference<SeriesLabels> labels = new AtomicReference<>();
    table
        .table()
        .tell(
            new MetricEvents() {
              @Override
              public void created(SeriesLabels made) {
                labels.set(made);
              }

              @Override
              public void timed(
                  MetricCatalog m, SeriesLabels l, double seconds, ContextSlot context) {}

              @Override
              public void stalled(SeriesLabels l, String cause, ContextSlot context) {}

              @Override
              public void ended(
                  SeriesLabels l, int code, double seconds, ContextSlot context, long now) {}
            });
    table.open(null);
    return labels.get();
  }

  @Test
  void anExemplarOfEachCodeStandsForASecond() {
    OtelHistograms events = new OtelHistograms(meter, true, true);
    SeriesLabels labels = labels();
    ContextSlot span = recordedStream().contextSlot();
    events.ended(labels, 0, 0.0011, span, 1);
    events.ended(labels, 0, 0.0012, span, 2);
    events.ended(labels, 5, 0.0013, span, 3);
    MetricData durations = metric("rpc.server.call.duration");

    assertThat(exemplars(durations, "OK")).singleElement().returns(0.0011, e -> e.getValue());
    assertThat(exemplars(durations, "NOT_FOUND"))
        .singleElement()
        .returns(0.0013, e -> e.getValue());

    events.ended(labels, 0, 0.0014, span, 1_000_000_000);
    events.ended(labels, 0, 0.0015, span, 1_000_000_001);
    assertThat(exemplars(metric("rpc.server.call.duration"), "OK"))
        .singleElement()
        .returns(0.0015, e -> e.getValue());
  }

  @Test
  void withoutAPaceTheLastValueIsTheExemplar() {
    OtelHistograms events = new OtelHistograms(meter, true, false);
    SeriesLabels labels = labels();
    ContextSlot span = recordedStream().contextSlot();
    events.ended(labels, 0, 0.0011, span, 1);
    events.ended(labels, 0, 0.0012, span, 2);

    assertThat(exemplars(metric("rpc.server.call.duration"), "OK"))
        .singleElement()
        .returns(0.0012, e -> e.getValue());
  }

  @Test
  void anEndWithoutACodeIsInOurHistogramOnly() {
    OtelHistograms events = new OtelHistograms(meter, true, false);
    events.ended(labels(), MetricEvents.NO_CODE, 1, null, 0);

    assertThat(metric("grpc.server.handling")).isNotNull();
    assertThat(metric("rpc.server.call.duration")).isNull();
  }
}
