package io.streamgauge.benchmarks.runner;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Results as JSON and as the tables of {@code docs/benchmarks.md}. */
final class Report {

  /** A row as others may read it. */
  private record JsonRow(
      String scenario, String config, double cpuRatio, double bytesPerOp, double nullSpread) {}

  private final List<BenchRow> rows;
  private final List<Latency.Row> latencies;
  private final List<AgentStart.Row> agents;
  private final List<Scale.Row> scale;
  private final List<PrimitiveRows.Row> primitives;

  Report(
      List<BenchRow> rows,
      List<Latency.Row> latencies,
      List<AgentStart.Row> agents,
      List<Scale.Row> scale,
      List<PrimitiveRows.Row> primitives) {
    this.rows = rows;
    this.latencies = latencies;
    this.agents = agents;
    this.scale = scale;
    this.primitives = primitives;
  }

  void writeJson(Path file) throws IOException {
    Gson gson =
        new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .setPrettyPrinting()
            .create();
    List<JsonRow> json =
        rows.stream()
            .map(
                row ->
                    new JsonRow(
                        row.scenario().name(),
                        row.config(),
                        rounded(row.cpu(), 3),
                        rounded(row.bytes(), 1),
                        rounded(row.nullSpread(), 3)))
            .toList();
    Files.writeString(file, gson.toJson(json) + "\n", StandardCharsets.UTF_8);
  }

  private static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(value * scale) / scale;
  }

  /** Replaces, for each part that was measured, what stands between its marks. */
  void writeTables(Path document, String origin, String callsOrigin) throws IOException {
    String text = Files.readString(document, StandardCharsets.UTF_8);
    for (BenchScenario.Table table : BenchScenario.Table.values()) {
      List<BenchRow> of = rows.stream().filter(row -> row.scenario().table == table).toList();
      text =
          replaced(
              text,
              table.name().toLowerCase(Locale.ROOT),
              of.isEmpty() ? "" : origin + callsOrigin + calls(of));
    }
    text = replaced(text, "latency", latencies.isEmpty() ? "" : origin + latencies());
    text = replaced(text, "agents", agents.isEmpty() ? "" : origin + agents());
    text = replaced(text, "streams", scale.isEmpty() ? "" : origin + streams());
    text = replaced(text, "primitives", primitives.isEmpty() ? "" : origin + primitives());
    Files.writeString(document, text, StandardCharsets.UTF_8);
  }

  private static String replaced(String text, String part, String table) throws IOException {
    String mark = "<!-- figures of " + part + ": written by benchmarks/run -->";
    int begin = text.indexOf(mark);
    int end = text.indexOf("<!-- end of " + part + " -->");
    if (begin < 0 || end < begin) {
      throw new IOException("the document has no place for the figures of " + part);
    }
    return table.isEmpty()
        ? text
        : text.substring(0, begin + mark.length()) + "\n\n" + table + text.substring(end);
  }

  private static String calls(List<BenchRow> rows) {
    Set<BenchScenario> scenarios =
        rows.stream().map(BenchRow::scenario).collect(Collectors.toCollection(TreeSet::new));
    Map<String, Map<BenchScenario, BenchRow>> table =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    BenchRow::config,
                    LinkedHashMap::new,
                    Collectors.toMap(BenchRow::scenario, Function.identity())));
    List<String> head = new ArrayList<>(List.of("configuration"));
    scenarios.forEach(scenario -> head.addAll(List.of(scenario + " CPU", scenario + " bytes")));
    head.add("what it does");
    List<List<String>> lines = new ArrayList<>();
    table.forEach(
        (config, byScenario) -> {
          List<String> cells = new ArrayList<>(List.of(name(config)));
          for (BenchScenario scenario : scenarios) {
            cells.add(cpu(byScenario.get(scenario)));
            cells.add(bytes(byScenario.get(scenario)));
          }
          cells.add(does(config));
          lines.add(cells);
        });
    return table(head, lines);
  }

  private static String name(String config) {
    return config.equals(BenchConfig.BARE.name()) ? "bare again (null)" : config;
  }

  private static String does(String config) {
    return BenchConfig.ALL.stream()
        .filter(known -> known.name().equals(config))
        .map(BenchConfig::does)
        .findFirst()
        .orElse(BenchConfig.BARE.does());
  }

  private static String cpu(BenchRow row) {
    return row == null
        ? ""
        : String.format(Locale.ROOT, "%.2f [%.2f–%.2f]", row.cpu(), row.cpuLow(), row.cpuHigh());
  }

  private static String bytes(BenchRow row) {
    if (row == null) {
      return "";
    }
    String median = String.format(Locale.ROOT, "%+d", Math.round(row.bytes()));
    long low = Math.round(row.bytesLow());
    long high = Math.round(row.bytesHigh());
    return low == high ? median : String.format(Locale.ROOT, "%s [%d–%d]", median, low, high);
  }

  private String latencies() {
    return table(
        List.of("configuration", "p50 µs", "p99 µs", "p99.9 µs"),
        latencies.stream()
            .map(
                row ->
                    List.of(
                        row.config(),
                        text("%.0f", row.p50()),
                        text("%.0f", row.p99())
                            + text(" [%.0f", row.lowest())
                            + text("–%.0f]", row.highest()),
                        text("%.0f", row.p999())))
            .toList());
  }

  private String agents() {
    double upstream =
        agents.stream()
            .filter(row -> row.agent().equals("upstream"))
            .findFirst()
            .orElseThrow()
            .addedSeconds();
    return table(
        List.of("agent", "CPU s to first call", "added", "of upstream's", "messages/s (S3)"),
        agents.stream()
            .map(
                row ->
                    List.of(
                        row.agent(),
                        text("%.2f", row.cpuSeconds()),
                        text("%.2f", row.addedSeconds()),
                        text("%.2f", row.addedSeconds() / upstream),
                        text("×%.2f", row.throughput())))
            .toList());
  }

  private String streams() {
    return table(
        List.of(
            "open streams",
            "heap bytes each",
            "of our classes",
            "scrape ms",
            "watch ms/s",
            "console ms/s"),
        scale.stream()
            .map(
                row ->
                    List.of(
                        text("%,d", row.streams()),
                        text("%.0f", row.bytes()),
                        text("%.0f", row.ownBytes()),
                        text("%.1f", row.scrapeMillis()),
                        text("%.1f", row.watchMillis()),
                        text("%.1f", row.consoleMillis())))
            .toList());
  }

  private String primitives() {
    return table(
        List.of("primitive (JMH)", "ns", "±", "bytes"),
        primitives.stream()
            .map(
                row ->
                    List.of(
                        row.name(),
                        text("%.1f", row.nanos()),
                        text("%.1f", row.error()),
                        text("%.0f", row.bytes())))
            .toList());
  }

  private static String text(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String table(List<String> head, List<List<String>> rows) {
    StringBuilder out = new StringBuilder("\n");
    line(out, head);
    out.append("|---".repeat(head.size())).append("|\n");
    rows.forEach(row -> line(out, row));
    return out.append('\n').toString();
  }

  private static void line(StringBuilder out, List<String> cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
