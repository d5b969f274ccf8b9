package io.streamgauge.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.internal.stream.WatchedMethod;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values of labels: lanes, codes, methods; and what the catalogue says of each metric. */
@UnitTest
class SeriesLabelsTest {

  private final LaneNames lanes = new LaneNames();

  // ---- lanes ---------------------------------------------------------------------------------

  @Test
  void everyTagIsInExactlyOneLane() {
    lanes.allow(List.of("canary", "blue"));

    assertThat(lanes.lane("canary")).isEqualTo("canary");
    assertThat(lanes.lane("Canary")).as("case matters").isEqualTo("other");
    assertThat(lanes.lane("green")).isEqualTo("other");
    assertThat(lanes.lane("other")).isEqualTo("other");
    assertThat(lanes.lane("baseline")).isEqualTo("baseline");
    assertThat(lanes.lane("")).isEqualTo("baseline");
    assertThat(lanes.lane(null)).isEqualTo("baseline");
  }

  @Test
  void withoutAnAllowListEveryTagIsOther() {
    assertThat(lanes.lane("canary")).isEqualTo("other");
  }

  @Test
  void anAllowListThatIsTooLongChangesNothing() {
    lanes.allow(List.of("canary"));
    List<String> eleven = IntStream.range(0, 11).mapToObj(String::valueOf).toList();
    assertThatThrownBy(() -> lanes.allow(eleven))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10")
        .hasMessageContaining("11");
    assertThat(lanes.lane("canary")).isEqualTo("canary");

    List<String> twiceTheSame = new ArrayList<>(eleven.subList(0, 10));
    twiceTheSame.add("0");
    lanes.allow(twiceTheSame);
    assertThat(lanes.lane("9")).isEqualTo("9");
    assertThat(lanes.lane("canary")).isEqualTo("other");
  }

  @Test
  void theListThatWasHandedInMayChangeAfterwards() {
    List<String> mutable = new ArrayList<>(List.of("canary"));
    lanes.allow(mutable);
    mutable.clear();

    assertThat(lanes.lane("canary")).isEqualTo("canary");
  }

  // ---- codes ---------------------------------------------------------------------------------

  /** As go-grpc-middleware has them: Canceled has one l. */
  @Test
  void codesAreTheWordsOfGrpcInCamelCase() {
    for (Status.Code code : Status.Code.values()) {
      String words =
          code == Status.Code.OK
              ? "OK"
              : code == Status.Code.CANCELLED ? "Canceled" : camelCase(code.name());
      assertThat(CodeLabels.name(code.value())).isEqualTo(words);
      assertThat(CodeLabels.rpcName(code.value())).isEqualTo(code.name());
    }
    assertThat(CodeLabels.COUNT).isEqualTo(Status.Code.values().length);
    assertThat(CodeLabels.name(-1)).isEqualTo("Unknown");
    assertThat(CodeLabels.name(17)).isEqualTo("Unknown");
    assertThat(CodeLabels.rpcName(17)).isEqualTo("UNKNOWN");
  }

  private static String camelCase(String words) {
    StringBuilder name = new StringBuilder();
    for (String word : words.split("_")) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }

  // ---- labels --------------------------------------------------------------------------------

  @Test
  void labelsAreMadeOfSideMethodAndLane() {
    WatchedMethod method = new WatchedMethod(CallType.UNARY, "pkg.Service", "Method");
    SeriesLabels labels = new SeriesLabels(CallSide.CLIENT, method, "canary");

    assertThat(labels.call()).containsExactly("unary", "pkg.Service", "Method", "canary");
    assertThat(labels.withSide())
        .containsExactly("unary", "pkg.Service", "Method", "canary", "client");
    assertThat(labels.with("a", "b"))
        .containsExactly("unary", "pkg.Service", "Method", "canary", "a", "b");
    assertThat(labels.fullMethod()).isEqualTo("pkg.Service/Method");
    assertThat(labels.isServer()).isFalse();
    assertThat(labels.isError(5)).as("to a client every code but OK").isTrue();
    assertThat(new SeriesLabels(CallSide.SERVER, method, "canary").isError(5)).isFalse();
    assertThatThrownBy(() -> labels.call().set(0, "x"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(labels.causes())
        .hasSize(StallCause.COUNT)
        .isEqualTo(StallCause.of(CallSide.CLIENT).stream().map(StallCause::label).toList());
    assertThat(new SeriesLabels(CallSide.SERVER, method, "canary").causes())
        .containsExactly("handler_busy", "peer_not_reading", "no_demand");
  }

  @Test
  void anExporterKeepsWhatItLikesWithTheLabels() {
    SeriesLabels labels = new SeriesLabels(CallSide.CLIENT, WatchedMethod.OTHER, "canary");
    ExportSlot kept = new ExportSlot() {};
    assertThat(labels.exported()).isNull();
    labels.exported(kept);

    assertThat(labels.exported()).isSameAs(kept);
  }

  // ---- the catalogue -------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aMetricIsNamedByTheRulesOfBothSystems(MetricCatalog metric) {
    assertThat(metric.baseName()).matches("[a-z]+(_[a-z]+)+").doesNotEndWith("_total");
    assertThat(metric.exposedName().endsWith("_total"))
        .isEqualTo(metric.type() == MetricCatalog.Type.COUNTER);
    assertThat(metric.baseName().endsWith("_seconds")).isEqualTo(metric.unit().equals("s"));
    assertThat(metric.baseName().endsWith("_bytes")).isEqualTo(metric.unit().equals("By"));
    assertThat(metric.instrumentName())
        .matches("[a-z]+(\\.[a-z]+)*\\.[a-z_]+")
        .doesNotContain("seconds");
    assertThat(metric.help()).endsWith(".");
    assertThat(metric.labels()).doesNotHaveDuplicates();
    if (metric.baseName().startsWith("grpc_")) {
      assertThat(metric.labels())
          .startsWith("grpc_type", "grpc_service", "grpc_method", "gray_tag");
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyAHistogramHasBucketsAndTheyAscend(MetricCatalog metric) {
    if (metric.type() == MetricCatalog.Type.HISTOGRAM) {
      double[] bounds = metric.buckets();
      assertThat(bounds).isSorted().doesNotHaveDuplicates();
      bounds[0] = -1;
      assertThat(metric.buckets()[0]).as("a copy").isPositive();
    } else {
      assertThatThrownBy(metric::buckets).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void instrumentsAndAttributesAreTheSameWordsWithDots() {
    assertThat(MetricCatalog.SERVER_STARTED.instrumentName()).isEqualTo("grpc.server.started");
    assertThat(MetricCatalog.SERVER_HANDLING.instrumentName()).isEqualTo("grpc.server.handling");
    assertThat(MetricCatalog.STREAM_WIRE_BYTES.instrumentName()).isEqualTo("grpc.stream.wire");
    assertThat(MetricCatalog.SERIES_DROPPED.instrumentName())
        .isEqualTo("streamgauge.series_dropped");
    assertThat(MetricCatalog.attributeName("grpc_type")).isEqualTo("grpc.type");
    assertThat(MetricCatalog.attributeName("gray_tag")).isEqualTo("gray.tag");
    assertThat(MetricCatalog.attributeName("side")).isEqualTo("side");
    assertThat(Arrays.stream(MetricCatalog.values()).map(MetricCatalog::instrumentName))
        .doesNotHaveDuplicates();
  }
}
