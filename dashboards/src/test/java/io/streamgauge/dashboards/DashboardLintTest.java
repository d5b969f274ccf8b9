package io.streamgauge.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.streamgauge.internal.metrics.MetricCatalog;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The dashboards keep the rules, and the rules notice when one does not. */
class DashboardLintTest {

  /** Catalogue metrics that need no panel, with the reason. */
  private static final Map<String, String> WAIVED = Map.of();

  @Test
  void allFourKeepTheRules() throws IOException {
    Map<String, JsonObject> dashboards = DashboardFiles.dashboards();
    assertThat(dashboards).hasSize(4);
    dashboards.forEach(
        (name, dashboard) -> assertThat(DashboardLint.check(name, dashboard)).isEmpty());
  }

  @Test
  void everyMetricIsOnAPanelOrWaived() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (DashboardFiles.Query query : DashboardFiles.allQueries()) {
      for (String series : PromNames.of(query.expression()).metrics()) {
        MetricCatalog metric = DashboardLint.catalogued(series);
        if (metric != null) {
          shown.add(metric.exposedName());
        }
      }
    }
    for (MetricCatalog metric : MetricCatalog.values()) {
      assertThat(shown.contains(metric.exposedName()) || WAIVED.containsKey(metric.exposedName()))
          .as(metric.exposedName())
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "label_values(grpc_stream_active, gray) | unknown label gray",
        "label_values(grpc_stream_activ{job=~'$job'}, gray_tag) | unknown metric grpc_stream_activ",
        "label_values(grpc_stream_active{jobs=~'$job'}, gray_tag) | unknown label jobs"
      })
  void aVariableOfALabelOrMetricThatIsNotThereIsFound(String query, String finding)
      throws IOException {
    JsonObject copy = DashboardFiles.dashboards().get("grpc-stream-gray.json").deepCopy();
    variable(copy).addProperty("definition", query.replace('\'', '"'));
    variable(copy).getAsJsonObject("query").addProperty("query", query.replace('\'', '"'));

    assertThat(DashboardLint.check("copy", copy)).anyMatch(line -> line.contains(finding));
  }

  @Test
  void aVariableWhoseTwoQueriesDifferIsFound() throws IOException {
    JsonObject copy = DashboardFiles.dashboards().get("grpc-stream-gray.json").deepCopy();
    variable(copy).addProperty("definition", "label_values(grpc_stream_active, gray_tag)");

    assertThat(DashboardLint.check("copy", copy))
        .anyMatch(line -> line.contains("two different queries"));
  }

  private static JsonObject variable(JsonObject dashboard) {
    for (var element : dashboard.getAsJsonObject("templating").getAsJsonArray("list")) {
      JsonObject variable = element.getAsJsonObject();
      if (variable.get("name").getAsString().equals("gray")) {
        return variable;
      }
    }
    throw new AssertionError("no variable gray");
  }

  static Stream<Arguments> breakages() {
    return Stream.of(
        breakage("unknown metric", p -> expr(p, "sum(grpc_stream_activ)")),
        breakage("unknown label", p -> expr(p, "sum by (grpc_methd) (grpc_stream_active)")),
        breakage("counter without rate", p -> expr(p, "sum(grpc_server_started_total)")),
        breakage("rate without", p -> expr(p, "sum(rate(grpc_server_started_total[3m]))")),
        breakage("nothing aggregated", p -> expr(p, "grpc_stream_active")),
        breakage("empty query", p -> expr(p, "")),
        breakage("no unit", p -> defaults(p).remove("unit")),
        breakage("no description", p -> p.remove("description")),
        breakage("overlaps", p -> p.getAsJsonObject("gridPos").addProperty("h", 30)),
        breakage("type of panel", p -> p.addProperty("type", "graph")),
        breakage(
            "data source",
            p -> target(p).getAsJsonObject("datasource").addProperty("uid", "my-prometheus")));
  }

  private static Arguments breakage(String finding, Consumer<JsonObject> damage) {
    return Arguments.of(finding, damage);
  }

  private static JsonObject target(JsonObject panel) {
    return panel.getAsJsonArray("targets").get(0).getAsJsonObject();
  }

  private static void expr(JsonObject panel, String expression) {
    target(panel).addProperty("expr", expression);
  }

  private static JsonObject defaults(JsonObject panel) {
    return panel.getAsJsonObject("fieldConfig").getAsJsonObject("defaults");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("breakages")
  void aBrokenCopyIsFound(String finding, Consumer<JsonObject> damage) throws IOException {
    JsonObject copy = DashboardFiles.dashboards().get("grpc-stream-overview.json").deepCopy();
    JsonObject first =
        DashboardFiles.panels(copy).stream()
            .filter(p -> p.has("targets"))
            .findFirst()
            .orElseThrow();
    damage.accept(first);

    assertThat(DashboardLint.check("copy", copy)).anyMatch(line -> line.contains(finding));
  }
}
