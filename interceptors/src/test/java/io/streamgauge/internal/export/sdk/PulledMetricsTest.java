package io.streamgauge.internal.export.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.ExemplarFilter;
import io.opentelemetry.sdk.metrics.ExplicitBucketHistogramOptions;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.SdkMeterProviderBuilder;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.ViewBuilder;
import io.opentelemetry.sdk.metrics.data.DoubleExemplarData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.metrics.export.DefaultAggregationSelector;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.streamgauge.CallSide;
import io.streamgauge.Streamgauge;
import io.streamgauge.Timing;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.export.otel.OtelHistograms;
import io.streamgauge.internal.export.otel.OtelStalls;
import io.streamgauge.internal.export.pull.HistogramProducer;
import io.streamgauge.internal.export.pull.PulledHistograms;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.metrics.LaneNames;
import io.streamgauge.internal.metrics.SeriesTable;
import io.streamgauge.internal.sdk.SdkFields;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamListeners;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TestTrace;
import io.streamgauge.internal.stream.WatchedMethod;
import io.streamgauge.otel.PulledMetrics;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the SDK takes from a gauge is what it would have recorded. */
class PulledMetricsTest {

  private static final String SCOPE = "test";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private static final String SPAN = "b7ad6b7169203331";

  /** A gauge's table and an SDK, by one of the two roads. */
  private static final class Rig implements AutoCloseable {
    private long now = TimeUnit.HOURS.toNanos(1);
    final InMemoryMetricReader reader;
    final OpenTelemetrySdk sdk;
    final Guard guard = new Guard();
    private final LaneNames lanes = new LaneNames();
    private final LiveStreams live = new LiveStreams(() -> now, lanes::lane);
    final SeriesTable table = new SeriesTable(guard, () -> now, live, lanes);
    private final StreamEnvironment env =
        new StreamEnvironment(
            guard, () -> now, new StreamListeners(guard, List.of(live, table)), Timing.OFF);
    final Runnable undone;
    private String lane = StreamRecorder.BASELINE;

    Rig(InMemoryMetricReader reader, UnaryOperator<SdkMeterProviderBuilder> with) {
      this.reader = reader;
      sdk = sdk(with.apply(SdkMeterProvider.builder().registerMetricReader(reader)));
      undone = SdkHistograms.give(sdk, SCOPE, null, true, guard, table);
      table.tell(new OtelStalls(sdk.getMeter(SCOPE)));
      if (undone == null) {
        table.tell(new OtelHistograms(sdk.getMeter(SCOPE), true, false));
      }
    }

    boolean isPulled() {
      return undone != null;
    }

    void call(CallSide side, boolean unary, int code, long nanos, boolean sampled) {
      StreamRecorder stream = start(side, unary, sampled);
      now += nanos;
      end(stream, code);
    }

    StreamRecorder start(CallSide side, boolean unary, boolean sampled) {
      WatchedMethod method = unary ? TestStreams.UNARY : TestStreams.BIDI;
      StreamRecorder stream = new StreamRecorder(side, env, method);
      stream.traced();
      stream.claim(method);
      stream.lane(lane);
      if (sampled) {
        TestTrace.of(stream, TRACE, SPAN, true);
        CallContext.measured(
            stream,
            Context.root()
                .with(
                    Span.wrap(
                        SpanContext.create(
                            TRACE, SPAN, TraceFlags.getSampled(), TraceState.getDefault()))));
      }
      stream.start(null);
      return stream;
    }

    void end(StreamRecorder stream, int code) {
      TestStreams.deliver(stream, 1);
      TestStreams.send(stream, 1);
      stream.end(code, null);
    }

    @Override
    public void close() {
      sdk.close();
    }
  }

  private static OpenTelemetrySdk sdk(SdkMeterProviderBuilder meters) {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder().build())
        .setMeterProvider(meters.build())
        .build();
  }

  private static SdkMeterProviderBuilder pulled(SdkMeterProviderBuilder builder) {
    return builder.registerMetricProducer(PulledMetrics.producer());
  }

  private static Rig rig(UnaryOperator<SdkMeterProviderBuilder> with) {
    return new Rig(InMemoryMetricReader.create(), with);
  }

  private static Map<String, MetricData> histograms(Collection<MetricData> all) {
    return all.stream()
        .filter(metric -> metric.getType() == MetricDataType.HISTOGRAM)
        .collect(
            Collectors.toMap(
                MetricData::getName, Function.identity(), (a, b) -> fail(a), TreeMap::new));
  }

  private static MetricData fail(MetricData twice) {
    throw new AssertionError("twice: " + twice);
  }

  private static Map<Attributes, HistogramPointData> points(MetricData metric) {
    Map<Attributes, HistogramPointData> points = new LinkedHashMap<>();
    metric
        .getHistogramData()
        .getPoints()
        .forEach(point -> assertThat(points.put(point.getAttributes(), point)).isNull());
    return points;
  }

  private static void assertSame(Map<String, MetricData> pulled, Map<String, MetricData> recorded) {
    assertThat(pulled.keySet()).isEqualTo(recorded.keySet());
    recorded.forEach(
        (name, expected) -> {
          MetricData actual = pulled.get(name);
          assertThat(actual.getResource()).isEqualTo(expected.getResource());
          assertThat(actual.getInstrumentationScopeInfo())
              .isEqualTo(expected.getInstrumentationScopeInfo());
          assertThat(actual.getDescription()).isEqualTo(expected.getDescription());
          assertThat(actual.getUnit()).isEqualTo(expected.getUnit());
          assertThat(actual.getHistogramData().getAggregationTemporality())
              .isEqualTo(expected.getHistogramData().getAggregationTemporality());
          Map<Attributes, HistogramPointData> points = points(actual);
          Map<Attributes, HistogramPointData> others = points(expected);
          assertThat(points.keySet()).as(name).isEqualTo(others.keySet());
          others.forEach((attributes, other) -> assertSame(name, points.get(attributes), other));
        });
  }

  private static void assertSame(String name, HistogramPointData point, HistogramPointData other) {
    assertThat(point.getBoundaries()).as(name).isEqualTo(other.getBoundaries());
    assertThat(point.getCounts()).as("%s of %s", name, other).isEqualTo(other.getCounts());
    assertThat(point.getCount()).isEqualTo(other.getCount());
    assertThat(point.getSum()).isCloseTo(other.getSum(), within(1e-6 * other.getSum() + 1e-9));
    assertThat(point.hasMin()).isEqualTo(other.hasMin());
    assertThat(point.getMin()).as("%s of %s", name, other).isEqualTo(other.getMin());
    assertThat(point.hasMax()).isEqualTo(other.hasMax());
    assertThat(point.getMax()).isEqualTo(other.getMax());
    assertThat(point.getStartEpochNanos())
        .isCloseTo(other.getStartEpochNanos(), within(TimeUnit.MINUTES.toNanos(1)))
        .isLessThanOrEqualTo(point.getEpochNanos());
    assertThat(point.getEpochNanos())
        .isCloseTo(other.getEpochNanos(), within(TimeUnit.MINUTES.toNanos(1)));
    // The SDK forgets those of the collection before, and we show them until there is a later one.
    assertThat(buckets(point))
        .as("%s of %s", name, other)
        .doesNotHaveDuplicates()
        .containsAll(buckets(other));
    point
        .getExemplars()
        .forEach(exemplar -> assertThat(exemplar.getSpanContext().getTraceId()).isEqualTo(TRACE));
  }

  /** Of the exemplars. */
  private static List<Integer> buckets(HistogramPointData point) {
    return point.getExemplars().stream()
        .map(
            exemplar ->
                (int)
                    point.getBoundaries().stream()
                        .filter(bound -> exemplar.getValue() > bound)
                        .count())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomCallsComeToTheSame(long seed) {
    try (Rig pulled = rig(PulledMetricsTest::pulled);
        Rig recorded = rig(UnaryOperator.identity())) {
      assertThat(pulled.isPulled()).isTrue();
      assertThat(recorded.isPulled()).isFalse();
      Random random = new Random(seed);
      // On a bound, beside it, and far from any.
      long[] nanos = {0, 1, 75_000_000, 75_000_001, 1_000_000_000, 7_500_000_000L, 10_000_000_001L};
      for (int i = 0; i < 2_500; i++) {
        CallSide side = random.nextBoolean() ? CallSide.SERVER : CallSide.CLIENT;
        boolean unary = random.nextInt(3) > 0;
        int code = random.nextInt(3) > 0 ? 0 : random.nextInt(17);
        long took =
            random.nextBoolean()
                ? nanos[random.nextInt(nanos.length)]
                : (long) Math.exp(random.nextDouble() * 30);
        // Lanes are one point of the conventions' metric.
        String lane = random.nextBoolean() ? StreamRecorder.BASELINE : "canary";
        pulled.lane = lane;
        recorded.lane = lane;
        pulled.call(side, unary, code, took, true);
        recorded.call(side, unary, code, took, true);
        if (i % 500 == 0) {
          assertSame(
              histograms(pulled.reader.collectAllMetrics()),
              histograms(recorded.reader.collectAllMetrics()));
        }
      }
      Map<String, MetricData> all = histograms(pulled.reader.collectAllMetrics());
      assertSame(all, histograms(recorded.reader.collectAllMetrics()));
      assertThat(all)
          .containsKeys(
              "grpc.server.handling",
              "grpc.client.handling",
              "rpc.server.call.duration",
              "rpc.client.call.duration",
              "grpc.stream.first_message");
      assertThat(pulled.guard.faults()).isEmpty();
    }
  }

  /** In the runs with the first and the last version that we know, it is that one. */
  @Test
  void theSdkIsTheOneThatTheBuildHasAskedFor() {
    String version =
        Resource.getDefault().getAttribute(AttributeKey.stringKey("telemetry.sdk.version"));
    assertThat(version).isEqualTo(System.getProperty("test.sdk.version", version));
    assertThat(SdkFields.areKnown()).isTrue();
  }

  @Test
  void aCallThatIsNotSampledIsNoExemplar() {
    try (Rig rig = rig(PulledMetricsTest::pulled)) {
      rig.call(CallSide.SERVER, true, 0, 5, false);
      assertThat(histograms(rig.reader.collectAllMetrics()).values())
          .isNotEmpty()
          .allSatisfy(
              metric ->
                  assertThat(metric.getHistogramData().getPoints())
                      .allSatisfy(point -> assertThat(point.getExemplars()).isEmpty()));
    }
  }

  @Test
  void whatAClosedGaugeCameToStaysAndTheNextAddsToIt() {
    HistogramProducer producer = new HistogramProducer();
    try (Rig first = rig(builder -> builder.registerMetricProducer(producer))) {
      first.call(CallSide.SERVER, true, 0, 5, true);
      StreamRecorder running = first.start(CallSide.SERVER, true, true);
      first.undone.run();
      first.undone.run();
      assertThat(count(first.reader)).isEqualTo(1);
      assertThat(count(first.reader)).isEqualTo(1);
      first.end(running, 0);
      for (int i = 0; i < 4; i++) {
        assertThat(count(first.reader)).as("it ended after the gauge was closed").isEqualTo(2);
      }
      first.call(CallSide.SERVER, true, 0, 5, true);
      assertThat(count(first.reader)).as("the gauge is let go of").isEqualTo(2);
      try (Rig second = rig(builder -> builder.registerMetricProducer(producer))) {
        second.call(CallSide.SERVER, true, 0, 5, true);
        assertThat(count(first.reader)).isEqualTo(3);
      }
    }
  }

  /** A later start would say that the counts began anew. */
  @Test
  void aSeriesStartsOnce() throws Exception {
    try (Rig rig = rig(PulledMetricsTest::pulled)) {
      rig.call(CallSide.SERVER, true, 0, 5, true);
      rig.call(CallSide.SERVER, true, 7, 5, true);
      List<Long> starts = starts(rig);
      long began = System.currentTimeMillis();
      await().until(() -> System.currentTimeMillis() > began);
      rig.call(CallSide.SERVER, true, 0, 5, true);

      assertThat(starts).isNotEmpty();
      assertThat(starts(rig)).isEqualTo(starts);
    }
  }

  private static List<Long> starts(Rig rig) {
    return histograms(rig.reader.collectAllMetrics()).values().stream()
        .flatMap(metric -> metric.getHistogramData().getPoints().stream())
        .map(HistogramPointData::getStartEpochNanos)
        .toList();
  }

  /** The SDK's own names for what goes beyond it. */
  @Test
  void pointsAreBounded() {
    PulledHistograms all = new PulledHistograms();
    PulledHistograms.Metric metric = all.metric("m", "s", "help", new double[] {1});
    for (int i = 0; i < 3_000; i++) {
      metric.add(
          Attributes.builder().put("n", i).build(),
          new PulledHistograms.Point(
              1, new long[] {1, 0}, 0.5, 0.5, 0.5, new DoubleExemplarData[2]));
    }
    List<HistogramPointData> points =
        List.copyOf(
            all.data(Resource.empty(), InstrumentationScopeInfo.create(SCOPE), 2)
                .iterator()
                .next()
                .getHistogramData()
                .getPoints());

    assertThat(points).hasSize(2_000);
    assertThat(points.get(1_999).getAttributes())
        .isEqualTo(Attributes.of(AttributeKey.booleanKey("otel.metric.overflow"), true));
    assertThat(points.stream().mapToLong(HistogramPointData::getCount).sum()).isEqualTo(3_000);
  }

  /** Readers beside calls and beside the end of the gauge: no count falls, none is lost. */
  @Test
  void countsNeverFall() throws Exception {
    HistogramProducer producer = new HistogramProducer();
    int calls = 20_000;
    try (Rig rig = rig(builder -> builder.registerMetricProducer(producer))) {
      rig.call(CallSide.SERVER, true, 0, 5, true);
      AtomicBoolean over = new AtomicBoolean();
      List<Thread> readers = new ArrayList<>();
      ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
      for (int i = 0; i < 2; i++) {
        Thread reader =
            new Thread(
                () -> {
                  long last = 0;
                  while (!over.get()) {
                    long now = count(producer);
                    if (now < last) {
                      wrong.add(last + " and then " + now);
                    }
                    last = now;
                  }
                });
        readers.add(reader);
        reader.start();
      }
      for (int i = 0; i < calls; i++) {
        if (i == calls / 2) {
          rig.undone.run();
        }
        rig.call(CallSide.SERVER, true, i % 3 == 0 ? 5 : 0, 5, true);
      }
      over.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
      assertThat(wrong).isEmpty();
    }
  }

  private static long count(HistogramProducer producer) {
    return producer.produce(Resource.empty()).stream()
        .filter(metric -> metric.getName().equals("grpc.server.handling"))
        .flatMap(metric -> metric.getHistogramData().getPoints().stream())
        .mapToLong(HistogramPointData::getCount)
        .sum();
  }

  private static long count(InMemoryMetricReader reader) {
    return points(histograms(reader.collectAllMetrics()).get("rpc.server.call.duration"))
        .values()
        .iterator()
        .next()
        .getCount();
  }

  /** What a user may have asked the SDK for, and a producer cannot do. */
  private enum Loss {
    DELTA,
    VIEW_OF_BOUNDS,
    VIEW_OF_NAMES,
    VIEW_OF_ATTRIBUTES,
    VIEW_THAT_DROPS,
    FEW_SERIES,
    EXPONENTIAL,
    EXEMPLARS_OF_ALL,
    SECOND_READER;

    InMemoryMetricReader reader() {
      return switch (this) {
        case DELTA -> InMemoryMetricReader.createDelta();
        case EXPONENTIAL ->
            InMemoryMetricReader.create(
                AggregationTemporalitySelector.alwaysCumulative(),
                DefaultAggregationSelector.getDefault()
                    .with(InstrumentType.HISTOGRAM, Aggregation.base2ExponentialBucketHistogram()));
        default -> InMemoryMetricReader.create();
      };
    }

    SdkMeterProviderBuilder ask(SdkMeterProviderBuilder builder) {
      ViewBuilder view = View.builder();
      return switch (this) {
        case VIEW_OF_BOUNDS ->
            builder.registerView(
                of("rpc.*"),
                view.setAggregation(
                        Aggregation.explicitBucketHistogram(
                            ExplicitBucketHistogramOptions.builder()
                                .setBucketBoundaries(List.of(1.0))
                                .build()))
                    .build());
        case VIEW_OF_NAMES ->
            builder.registerView(of("grpc.server.handling"), view.setName("other").build());
        case VIEW_OF_ATTRIBUTES ->
            builder.registerView(of("*"), view.setAttributeFilter(Set.of("x")).build());
        case VIEW_THAT_DROPS ->
            builder.registerView(
                of("grpc.stream.*"), view.setAggregation(Aggregation.drop()).build());
        case FEW_SERIES -> builder.registerView(of("*"), view.setCardinalityLimit(5).build());
        case EXEMPLARS_OF_ALL -> builder.setExemplarFilter(ExemplarFilter.alwaysOn());
        case SECOND_READER -> builder.registerMetricReader(InMemoryMetricReader.createDelta());
        default -> builder;
      };
    }

    private static InstrumentSelector of(String name) {
      return InstrumentSelector.builder().setName(name).build();
    }
  }

  @ParameterizedTest
  @EnumSource(Loss.class)
  void whereSomethingWouldBeLostEachCallIsRecorded(Loss loss) {
    try (Rig asked = new Rig(loss.reader(), builder -> pulled(loss.ask(builder)));
        Rig recorded = new Rig(loss.reader(), loss::ask)) {
      assertThat(asked.isPulled()).isFalse();
      for (Rig rig : List.of(asked, recorded)) {
        rig.call(CallSide.SERVER, true, 0, 5, true);
        rig.call(CallSide.CLIENT, false, 2, 5, true);
      }
      assertThat(asked.reader.collectAllMetrics())
          .extracting(MetricData::getName)
          .hasSameElementsAs(
              recorded.reader.collectAllMetrics().stream().map(MetricData::getName).toList());
    }
  }

  /** A view of other metrics changes nothing of ours. */
  @Test
  void aViewOfOthersIsNoLoss() {
    try (Rig rig =
        rig(
            builder ->
                pulled(
                    builder.registerView(
                        Loss.of("http.*"),
                        View.builder().setAggregation(Aggregation.drop()).build())))) {
      assertThat(rig.isPulled()).isTrue();
    }
  }

  /** The whole way: real calls, the builder as in the documentation, and what a reader gets. */
  @Test
  void aGaugeFindsTheProducerByItself() throws Exception {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    try (OpenTelemetrySdk sdk =
            sdk(pulled(SdkMeterProvider.builder().registerMetricReader(reader)));
        Streamgauge gauge = Streamgauge.builder().openTelemetry(sdk).build();
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install)) {
      for (int i = 0; i < 3; i++) {
        ClientCalls.blockingUnaryCall(
            pair.channel(), TestMethods.UNARY, CallOptions.DEFAULT, "hello");
      }
      await()
          .untilAsserted(
              () -> {
                Map<String, MetricData> all = histograms(reader.collectAllMetrics());
                for (String side : List.of("server", "client")) {
                  assertThat(
                          all.get("rpc." + side + ".call.duration").getHistogramData().getPoints())
                      .singleElement()
                      .satisfies(point -> assertThat(point.getCount()).isEqualTo(3));
                }
              });
    }
  }
}
