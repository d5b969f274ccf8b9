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
  private final List<AgentStart.Row> agents;
  private final List<Scale.Row> scale;
  private final List<PrimitiveRows.Row> primitives;

  Report(
      List<BenchRow> rows,
      List<AgentStart.Row> agents,
      List<Scale.Row> scale,
      List<PrimitiveRows.Row> primitives) {
    this.rows = rows;
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
  void writeTables(Path document, String origin) throws IOException {
    String text = Files.readString(document, StandardCharsets.UTF_8);
    text = replaced(text, "calls", rows.isEmpty() ? "" : origin + calls());
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

  private String calls() {
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
    scenarios.forEach(scenario -> head.add(scenario + " CPU | bytes"));
    head.add("what it does");
    StringBuilder out = new StringBuilder("\n");
    line(out, head);
    out.append("|---".repeat(2 * scenarios.size() + 2)).append("|\n");
    table.forEach(
        (config, byScenario) -> {
          List<String> cells = new ArrayList<>(List.of(name(config)));
          for (BenchScenario scenario : scenarios) {
            cells.add(cpu(byScenario.get(scenario)));
            cells.add(bytes(byScenario.get(scenario)));
          }
          cells.add(does(config));
          line(out, cells);
        });
    out.append('\n');
    return out.toString();
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

  private String agents() {
    StringBuilder out = new StringBuilder("\n");
    line(out, List.of("agent", "CPU s to first call", "added", "of upstream's", "messages/s (S3)"));
    out.append("|---".repeat(5)).append("|\n");
    double upstream =
        agents.stream()
            .filter(row -> row.agent().equals("upstream"))
            .findFirst()
            .orElseThrow()
            .addedSeconds();
    for (AgentStart.Row row : agents) {
      line(
          out,
          List.of(
              row.agent(),
              String.format(Locale.ROOT, "%.2f", row.cpuSeconds()),
              String.format(Locale.ROOT, "%.2f", row.addedSeconds()),
              String.format(Locale.ROOT, "%.2f", row.addedSeconds() / upstream),
              String.format(Locale.ROOT, "×%.2f", row.throughput())));
    }
    return out.append('\n').toString();
  }

  private String streams() {
    StringBuilder out = new StringBuilder("\n");
    line(
        out,
        List.of(
            "open streams",
            "heap bytes each",
            "of our classes",
            "scrape ms",
            "watch ms/s",
            "console ms/s"));
    out.append("|---".repeat(6)).append("|\n");
    for (Scale.Row row : scale) {
      line(
          out,
          List.of(
              String.format(Locale.ROOT, "%,d", row.streams()),
              String.format(Locale.ROOT, "%.0f", row.bytes()),
              String.format(Locale.ROOT, "%.0f", row.ownBytes()),
              String.format(Locale.ROOT, "%.1f", row.scrapeMillis()),
              String.format(Locale.ROOT, "%.1f", row.watchMillis()),
              String.format(Locale.ROOT, "%.1f", row.consoleMillis())));
    }
    return out.append('\n').toString();
  }

  private String primitives() {
    StringBuilder out = new StringBuilder("\n");
    line(out, List.of("primitive (JMH)", "ns", "±", "bytes"));
    out.append("|---".repeat(4)).append("|\n");
    for (PrimitiveRows.Row row : primitives) {
      line(
          out,
          List.of(
              row.name(),
              String.format(Locale.ROOT, "%.1f", row.nanos()),
              String.format(Locale.ROOT, "%.1f", row.error()),
              String.format(Locale.ROOT, "%.0f", row.bytes())));
    }
    return out.append('\n').toString();
  }

  private static void line(StringBuilder out, List<String> cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
