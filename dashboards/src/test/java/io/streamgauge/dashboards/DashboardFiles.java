package io.streamgauge.dashboards;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The files of this directory as the tests see them. */
final class DashboardFiles {

  static final Path GRAFANA = Path.of("grafana");
  static final Path RULES = Path.of("prometheus/rules.yaml");
  static final Path ALERTS = Path.of("prometheus/alerts.yaml");
  static final Path ALERT_TESTS = Path.of("prometheus/tests/alerts_test.yaml");
  static final Path RUNBOOK = Path.of("../docs/runbook.md");

  private DashboardFiles() {}

  /** One query of one panel. */
  record Query(String dashboard, String panel, String refId, String expression, boolean exemplar) {

    /** With every variable meaning everything, and a window of that many seconds. */
    String resolved(int seconds) {
      return expression
          .replace("$__rate_interval", seconds + "s")
          .replace("$baseline", "baseline")
          .replace("$gray", "gray")
          .replaceAll("\\$(job|instance|grpc_service|grpc_method|grpc_type|side)\\b", ".+");
    }
  }

  /** A rule that records or alerts. */
  record Rule(String name, String expression, boolean alert) {}

  static Map<String, JsonObject> dashboards() throws IOException {
    Map<String, JsonObject> all = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(GRAFANA)) {
      for (Path file : files.sorted().toList()) {
        all.put(
            file.getFileName().toString(),
            JsonParser.parseString(Files.readString(file)).getAsJsonObject());
      }
    }
    return all;
  }

  static List<JsonObject> panels(JsonObject dashboard) {
    List<JsonObject> panels = new ArrayList<>();
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      panels.add(panel.getAsJsonObject());
    }
    return panels;
  }

  static List<Query> queries(String name, JsonObject dashboard) {
    List<Query> queries = new ArrayList<>();
    for (JsonObject panel : panels(dashboard)) {
      if (panel.has("targets")) {
        for (JsonElement element : panel.getAsJsonArray("targets")) {
          JsonObject target = element.getAsJsonObject();
          queries.add(
              new Query(
                  name,
                  panel.get("title").getAsString(),
                  target.get("refId").getAsString(),
                  // $gray_tag before $gray.
                  target.get("expr").getAsString().replace("$gray_tag", ".+"),
                  target.has("exemplar") && target.get("exemplar").getAsBoolean()));
        }
      }
    }
    return queries;
  }

  static List<Query> allQueries() throws IOException {
    List<Query> all = new ArrayList<>();
    dashboards().forEach((name, dashboard) -> all.addAll(queries(name, dashboard)));
    return all;
  }

  @SuppressWarnings("unchecked") // the shape of a rules file
  static List<Rule> rules(Path file) throws IOException {
    List<Rule> rules = new ArrayList<>();
    Map<String, Object> root = new Yaml().load(Files.readString(file));
    for (Map<String, Object> group : (List<Map<String, Object>>) root.get("groups")) {
      for (Map<String, Object> rule : (List<Map<String, Object>>) group.get("rules")) {
        boolean alert = rule.containsKey("alert");
        rules.add(
            new Rule(
                (String) rule.get(alert ? "alert" : "record"), (String) rule.get("expr"), alert));
      }
    }
    return rules;
  }
}
