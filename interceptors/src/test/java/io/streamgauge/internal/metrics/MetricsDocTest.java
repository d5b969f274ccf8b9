package io.streamgauge.internal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/metrics.md says what the catalogue says, line by line. */
class MetricsDocTest {

  private static final Path DOC = Path.of("../docs/metrics.md");

  @Test
  void everyMetricStandsInTheDocumentAsTheCatalogueHasIt() throws IOException {
    String table =
        Arrays.stream(MetricCatalog.values())
            .map(MetricsDocTest::row)
            .collect(Collectors.joining("\n"));

    assertThat(Files.readString(DOC)).contains(table);
  }

  @Test
  void theBucketsStandThereToo() throws IOException {
    // A line may end within a list of bounds.
    String document = Files.readString(DOC).replaceAll("\\s+", " ");
    for (MetricCatalog metric : MetricCatalog.values()) {
      if (metric.type() == MetricCatalog.Type.HISTOGRAM) {
        assertThat(document).contains(buckets(metric));
      }
    }
  }

  private static String row(MetricCatalog metric) {
    return "| `"
        + metric.exposedName()
        + "` | "
        + (metric.type() == MetricCatalog.Type.SUM
            ? "gauge"
            : metric.type().name().toLowerCase(Locale.ROOT))
        + " | "
        + metric.labels().stream()
            .filter(label -> !MetricCatalog.callLabels().contains(label))
            .map(label -> "`" + label + "`")
            .collect(Collectors.joining(", "))
        + " | `"
        + metric.instrumentName()
        + "` | "
        + metric.help()
        + " |";
  }

  private static String buckets(MetricCatalog metric) {
    return Arrays.stream(metric.buckets())
        .mapToObj(
            bound ->
                bound == Math.rint(bound)
                    ? String.valueOf((long) bound)
                    : new java.math.BigDecimal(String.valueOf(bound)).toPlainString())
        .collect(Collectors.joining(", "));
  }

  /** Prints what belongs into the document; for a change of the catalogue. */
  public static void main(String[] args) {
    Arrays.stream(MetricCatalog.values()).map(MetricsDocTest::row).forEach(System.out::println);
    Arrays.stream(MetricCatalog.values())
        .filter(metric -> metric.type() == MetricCatalog.Type.HISTOGRAM)
        .forEach(metric -> System.out.println(metric.baseName() + ": " + buckets(metric)));
  }
}
