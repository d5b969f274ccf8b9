package io.streamgauge.dashboards;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.streamgauge.internal.metrics.MetricCatalog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The rules for dashboards; each finding is one line. */
final class DashboardLint {

  private static final Set<String> TYPES =
      Set.of("stat", "timeseries", "table", "bargauge", "heatmap", "row", "text");
  private static final Set<String> VARIABLES = Set.of("job", "instance");

  /** Of the processes around the streams, under the names different libraries give them. */
  static final Set<String> EXTERNAL =
      Set.of(
          "up",
          "ALERTS",
          "scrape_duration_seconds",
          "process_start_time_seconds",
          "process_cpu_seconds_total",
          "process_open_fds",
          "process_files_open_files",
          "jvm_cpu_time_seconds_total",
          "jvm_memory_bytes_used",
          "jvm_memory_bytes_max",
          "jvm_memory_used_bytes",
          "jvm_memory_max_bytes",
          "jvm_memory_limit_bytes",
          "jvm_gc_collection_seconds_sum",
          "jvm_gc_pause_seconds_sum",
          "jvm_gc_duration_seconds_sum",
          "jvm_threads_current",
          "jvm_threads_live_threads",
          "jvm_thread_count",
          "jvm_buffer_pool_used_bytes",
          "jvm_buffer_memory_used_bytes");

  private static final Set<String> EXTERNAL_LABELS =
      Set.of(
          "job",
          "instance",
          "le",
          "area",
          "pool",
          "id",
          "jvm_memory_type",
          "jvm_buffer_pool_name",
          "alertname",
          "alertstate",
          "severity",
          "__name__");

  private static final Pattern COUNTER_BARE =
      Pattern.compile(
          "(?<!rate\\()(?<!increase\\()(?<!changes\\()(?<!\\w)(grpc|streamgauge)_\\w+_total");

  /** A total by itself says something: it only rises when something is wrong. */
  private static final Set<String> MAY_BE_BARE =
      Set.of("streamgauge_series_dropped_total", "streamgauge_faults_total");

  private final List<String> findings = new ArrayList<>();
  private final Set<String> uids = new HashSet<>();

  static List<String> check(String name, JsonObject dashboard) {
    DashboardLint lint = new DashboardLint();
    lint.dashboard(name, dashboard);
    return lint.findings;
  }

  private void dashboard(String name, JsonObject dashboard) {
    int schema = dashboard.get("schemaVersion").getAsInt();
    require(schema >= 39 && schema <= 41, name, "schemaVersion " + schema);
    require(!dashboard.get("editable").getAsBoolean(), name, "editable");
    require(dashboard.get("uid").getAsString().startsWith("grpc-stream-"), name, "uid");
    require(uids.add(dashboard.get("uid").getAsString()), name, "uid twice");
    require(dashboard.getAsJsonArray("tags").toString().contains("\"grpc-stream\""), name, "tag");
    require(!dashboard.getAsJsonArray("links").isEmpty(), name, "no links");
    variables(name, dashboard);
    Set<Integer> ids = new HashSet<>();
    boolean[][] taken = new boolean[400][24];
    for (JsonObject panel : DashboardFiles.panels(dashboard)) {
      String where = name + ": " + panel.get("title").getAsString();
      require(ids.add(panel.get("id").getAsInt()), where, "id twice");
      require(TYPES.contains(panel.get("type").getAsString()), where, "type of panel");
      place(where, panel.getAsJsonObject("gridPos"), taken);
      if (!panel.get("type").getAsString().equals("row")) {
        panel(where, panel);
      }
    }
  }

  private void variables(String name, JsonObject dashboard) {
    JsonArray list = dashboard.getAsJsonObject("templating").getAsJsonArray("list");
    Set<String> names = new TreeSet<>();
    for (JsonElement element : list) {
      JsonObject variable = element.getAsJsonObject();
      String own = variable.get("name").getAsString();
      names.add(own);
      if (variable.get("type").getAsString().equals("query")) {
        String definition = variable.get("definition").getAsString();
        String query = variable.getAsJsonObject("query").get("query").getAsString();
        require(query.equals(definition), name, own + " has two different queries");
        names(name + ": " + own, definition.replaceAll("^label_values\\((.*),[^,]*\\)$", "$1"));
        String label = definition.replaceAll(".*,\\s*(\\w+)\\)$", "$1");
        require(isKnownLabel(label), name, own + " reads the unknown label " + label);
        require(variable.get("refresh").getAsInt() == 2, name, own + " is not refreshed with time");
        if (variable.get("multi").getAsBoolean()) {
          require(
              variable.has("allValue") && variable.get("allValue").getAsString().equals(".+"),
              name,
              own + " has no allValue .+");
        }
      }
    }
    require(names.contains("datasource"), name, "no variable datasource");
    require(names.containsAll(VARIABLES), name, "no variables job and instance");
  }

  private void place(String where, JsonObject at, boolean[][] taken) {
    int right = at.get("x").getAsInt() + at.get("w").getAsInt();
    require(right <= 24, where, "beyond the right edge");
    for (int y = at.get("y").getAsInt(); y < at.get("y").getAsInt() + at.get("h").getAsInt(); y++) {
      for (int x = at.get("x").getAsInt(); x < Math.min(24, right); x++) {
        if (taken[y][x]) {
          findings.add(where + ": overlaps another panel");
          return;
        }
        taken[y][x] = true;
      }
    }
  }

  private void panel(String where, JsonObject panel) {
    require(text(panel, "description").length() > 10, where, "no description");
    JsonObject defaults = panel.getAsJsonObject("fieldConfig").getAsJsonObject("defaults");
    require(!text(defaults, "unit").isEmpty(), where, "no unit");
    JsonArray targets = panel.getAsJsonArray("targets");
    require(!targets.isEmpty(), where, "no query");
    for (JsonElement element : targets) {
      JsonObject target = element.getAsJsonObject();
      String uid = target.getAsJsonObject("datasource").get("uid").getAsString();
      require(uid.equals("${datasource}"), where, "data source " + uid);
      expression(where, text(target, "expr"));
    }
  }

  private void expression(String where, String expression) {
    require(!expression.isEmpty(), where, "empty query");
    require(
        !expression.matches(
            "(?s).*(rate|increase|irate)\\([^\\[]*\\[(?!\\$__rate_interval|5m|1h).*"),
        where,
        "rate without $__rate_interval");
    COUNTER_BARE
        .matcher(expression)
        .results()
        .map(match -> match.group())
        .filter(counter -> !MAY_BE_BARE.contains(counter))
        .forEach(counter -> findings.add(where + ": counter without rate: " + counter));
    require(
        expression.matches("(?s).*\\b(sum|max|min|count|topk)\\b.*"), where, "nothing aggregated");
    names(where, expression);
  }

  private void names(String where, String expression) {
    PromNames names = PromNames.of(expression);
    for (String metric : names.metrics()) {
      require(isKnown(metric), where, "unknown metric " + metric);
    }
    for (String label : names.labels()) {
      require(isKnownLabel(label), where, "unknown label " + label);
    }
  }

  static boolean isKnown(String metric) {
    return EXTERNAL.contains(metric) || catalogued(metric) != null;
  }

  /** The catalogue's metric a series belongs to, or null. */
  static MetricCatalog catalogued(String series) {
    for (MetricCatalog metric : MetricCatalog.values()) {
      boolean histogram = metric.type() == MetricCatalog.Type.HISTOGRAM;
      if (series.equals(metric.exposedName())
          || (histogram && series.matches(metric.exposedName() + "_(bucket|sum|count)"))) {
        return metric;
      }
    }
    return null;
  }

  static boolean isKnownLabel(String label) {
    if (EXTERNAL_LABELS.contains(label)) {
      return true;
    }
    for (MetricCatalog metric : MetricCatalog.values()) {
      if (metric.labels().contains(label)) {
        return true;
      }
    }
    return false;
  }

  private static String text(JsonObject object, String key) {
    return object.has(key) ? object.get(key).getAsString() : "";
  }

  private void require(boolean holds, String where, String what) {
    if (!holds) {
      findings.add(where + ": " + what);
    }
  }
}
