package io.streamgauge.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.RequiredTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** Rules and alerts, by the tool that comes with Prometheus, and what must belong to each. */
class RulesTest {

  @TempDir Path directory;

  @BeforeEach
  void promtool() {
    RequiredTool.onPath("promtool");
  }

  private static void assertOk(PromTool.Outcome outcome) {
    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  void rulesAndAlertsAreValidAndTheirTestsPass() throws Exception {
    assertOk(
        PromTool.run(
            "check",
            "rules",
            DashboardFiles.RULES.toString(),
            DashboardFiles.ALERTS.toString(),
            "prometheus/jaeger-monitor.yaml"));
    assertOk(PromTool.run("test", "rules", DashboardFiles.ALERT_TESTS.toString()));
    assertOk(PromTool.run("check", "config", "--syntax-only", "prometheus/prometheus.yml"));
  }

  /** As one rule a query: promtool has no other way to parse an expression. */
  private PromTool.Outcome parse(List<String> expressions) throws Exception {
    Path file = directory.resolve("queries.yaml");
    List<Map<String, String>> rules =
        java.util.stream.IntStream.range(0, expressions.size())
            .mapToObj(i -> Map.of("record", "query:" + i, "expr", expressions.get(i)))
            .toList();
    Files.writeString(
        file,
        new Yaml().dump(Map.of("groups", List.of(Map.of("name", "queries", "rules", rules)))));
    return PromTool.run("check", "rules", file.toString());
  }

  @Test
  void everyPanelsQueryIsPromQl() throws Exception {
    List<String> all =
        DashboardFiles.allQueries().stream().map(query -> query.resolved(15)).toList();
    assertThat(all).hasSizeGreaterThan(80);
    assertOk(parse(all));
    assertThat(parse(List.of("sum(grpc_stream_active")).code()).as("a bad query").isNotZero();
  }

  @Test
  void everyNameInARuleExists() throws IOException {
    Set<String> recorded =
        DashboardFiles.rules(DashboardFiles.RULES).stream()
            .map(DashboardFiles.Rule::name)
            .collect(Collectors.toSet());
    assertThat(recorded).allMatch(name -> name.matches("[a-z_]+:[a-z_]+:[a-z0-9_]+"));
    for (Path file : List.of(DashboardFiles.RULES, DashboardFiles.ALERTS)) {
      for (DashboardFiles.Rule rule : DashboardFiles.rules(file)) {
        PromNames names = PromNames.of(rule.expression());
        assertThat(names.metrics())
            .as(rule.name())
            .allMatch(metric -> recorded.contains(metric) || DashboardLint.isKnown(metric));
        assertThat(names.labels()).as(rule.name()).allMatch(DashboardLint::isKnownLabel);
      }
    }
  }

  /** The names they record under are Jaeger's. */
  @Test
  void everySeriesForJaegersMonitorExists() throws IOException {
    for (DashboardFiles.Rule rule :
        DashboardFiles.rules(Path.of("prometheus/jaeger-monitor.yaml"))) {
      assertThat(PromNames.of(rule.expression()).metrics())
          .as(rule.name())
          .hasSize(2)
          .allMatch(DashboardLint::isKnown);
    }
  }

  /**
   * Alerts for which something is missing; the same for the files and for a copy that is broken.
   */
  @SuppressWarnings("unchecked") // the shape of a rules file
  private static List<String> incomplete(String alerts, String tests, String runbook) {
    Map<String, Object> root = new Yaml().load(alerts);
    List<Map<String, Object>> groups = (List<Map<String, Object>>) root.get("groups");
    List<String> missing = new java.util.ArrayList<>();
    for (Map<String, Object> rule : (List<Map<String, Object>>) groups.get(0).get("rules")) {
      String name = (String) rule.get("alert");
      Map<String, String> annotations = (Map<String, String>) rule.get("annotations");
      for (String key : List.of("summary", "description", "runbook_url")) {
        if (annotations == null || !annotations.containsKey(key)) {
          missing.add(name + ": " + key);
        }
      }
      String anchor = "#" + name.toLowerCase(java.util.Locale.ROOT);
      if (annotations != null && !annotations.get("runbook_url").endsWith(anchor)) {
        missing.add(name + ": runbook_url");
      }
      if (!tests.contains(name + " fires") || !tests.contains(name + " stays quiet")) {
        missing.add(name + ": test");
      }
      if (!runbook.contains("\n## " + name + "\n")) {
        missing.add(name + ": runbook");
      }
    }
    return missing;
  }

  @Test
  void everyAlertHasWordsTestsAndASectionInTheRunbook() throws IOException {
    String alerts = Files.readString(DashboardFiles.ALERTS);
    String tests = Files.readString(DashboardFiles.ALERT_TESTS);
    String runbook = Files.readString(DashboardFiles.RUNBOOK);
    assertThat(DashboardFiles.rules(DashboardFiles.ALERTS)).hasSize(13);
    assertThat(incomplete(alerts, tests, runbook)).isEmpty();

    assertThat(incomplete(alerts, tests.replace("GrpcErrorRatio fires", ""), runbook))
        .containsExactly("GrpcErrorRatio: test");
    assertThat(
            incomplete(
                alerts.replace("alert: GrpcErrorRatio", "alert: GrpcErrors"), tests, runbook))
        .contains("GrpcErrors: test", "GrpcErrors: runbook");
  }
}
