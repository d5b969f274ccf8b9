package io.streamgauge.internal.export.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.metrics.MetricCatalog;
import io.streamgauge.internal.metrics.TestTable;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The catalogue as simpleclient's samples. */
@UnitTest
class PrometheusCollectorTest {

  private final TestTable table = new TestTable();
  private final CollectorRegistry registry = new CollectorRegistry();
  private final Runnable unregister =
      PrometheusCollector.register(new Guard(), table::snapshot, registry);

  private List<Sample> samples(String name) {
    List<Sample> found = new ArrayList<>();
    for (MetricFamilySamples family : Collections.list(registry.metricFamilySamples())) {
      family.samples.stream().filter(sample -> sample.name.equals(name)).forEach(found::add);
    }
    return found;
  }

  @Test
  void everyMetricOfTheCatalogueIsAFamilyEvenWhenEmpty() {
    List<MetricFamilySamples> families = Collections.list(registry.metricFamilySamples());

    assertThat(families)
        .extracting(family -> family.name)
        .containsExactlyElementsOf(
            Arrays.stream(MetricCatalog.values()).map(MetricCatalog::baseName).toList());
    assertThat(families).allSatisfy(family -> assertThat(family.help).isNotEmpty());
  }

  @Test
  void aCounterIsOneSampleWithItsLabels() {
    table.open(null);
    Sample started = samples("grpc_server_started_total").get(0);

    assertThat(started.labelNames)
        .containsExactly("grpc_type", "grpc_service", "grpc_method", "gray_tag");
    assertThat(started.labelValues)
        .containsExactly("bidi_stream", "pkg.Service", "bidi_stream", "baseline");
    assertThat(started.value).isEqualTo(1);
    assertThat(started.exemplar).isNull();
  }

  @Test
  void aHistogramIsBucketsACountAndASum() {
    StreamRecorder stream = table.open("0af7651916cd43dd8448eb211c80319c");
    table.pass(2);
    stream.end(0, null);
    List<Sample> buckets = samples("grpc_server_handling_seconds_bucket");
    int bounds = MetricCatalog.SERVER_HANDLING.buckets().length;

    assertThat(buckets).hasSize(bounds + 1);
    assertThat(buckets.get(bounds).labelNames).endsWith("le");
    assertThat(buckets.get(bounds).labelValues).endsWith("+Inf");
    assertThat(buckets.get(0).labelValues).endsWith("0.001");
    assertThat(buckets).extracting(bucket -> bucket.value).startsWith(0.0).endsWith(1.0).isSorted();
    assertThat(samples("grpc_server_handling_seconds_count").get(0).value).isEqualTo(1);
    assertThat(samples("grpc_server_handling_seconds_sum").get(0).value).isEqualTo(2);
    assertThat(buckets)
        .filteredOn(bucket -> bucket.exemplar != null)
        .singleElement()
        .satisfies(
            bucket -> {
              assertThat(bucket.labelValues).endsWith("2.5");
              assertThat(bucket.exemplar.getValue()).isEqualTo(2);
              assertThat(bucket.exemplar.getNumberOfLabels()).isEqualTo(2);
              assertThat(bucket.exemplar.getLabelName(0)).isEqualTo("span_id");
              assertThat(bucket.exemplar.getLabelValue(0)).isEqualTo("b7ad6b7169203331");
              assertThat(bucket.exemplar.getLabelName(1)).isEqualTo("trace_id");
              assertThat(bucket.exemplar.getLabelValue(1))
                  .isEqualTo("0af7651916cd43dd8448eb211c80319c");
            });
  }

  @Test
  void aRegistryCarriesOneGauge() {
    assertThatThrownBy(() -> PrometheusCollector.register(new Guard(), table::snapshot, registry))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("grpc_server_started")
        .hasMessageContaining("one registry carries one gauge");
    unregister.run();
    assertThat(Collections.list(registry.metricFamilySamples())).isEmpty();

    PrometheusCollector.register(new Guard(), table::snapshot, registry).run();
    assertThat(Collections.list(registry.metricFamilySamples())).isEmpty();
  }

  @Test
  void aNameThatAnotherCollectorHasIsNamed() {
    CollectorRegistry theirs = new CollectorRegistry();
    Gauge.build("grpc_stream_active", "theirs").register(theirs);

    assertThatThrownBy(() -> PrometheusCollector.register(new Guard(), table::snapshot, theirs))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("grpc_stream_active");
  }

  /** A fault of ours may cost our metrics, not those of the application. */
  @Test
  void aFaultLeavesTheRestOfTheScrape() {
    Guard guard = new Guard();
    CollectorRegistry shared = new CollectorRegistry();
    Gauge.build("mine", "of the application").register(shared).set(7);
    PrometheusCollector.register(
        guard,
        () -> {
          throw new IllegalStateException("injected");
        },
        shared);

    assertThat(shared.getSampleValue("mine")).isEqualTo(7);
    assertThat(guard.faults()).containsEntry("prometheus.collect", 1L);
  }
}
