package io.streamgauge.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Puts what the tests left in {@code target/gates} into the table of docs/safety.md, between its
 * marks. Ends with 1 if a gate was not run, ran fewer cases than it must, or failed.
 *
 * <p>Arguments: the root of the project.
 */
public final class GateTable {

  private static final String BEGIN = "<!-- gates: written by ./gates -->\n";
  private static final String END = "<!-- gates end -->\n";

  /**
   * A gate, what it is about, and the cases of a plain {@code mvn verify} below which it is red.
   */
  private record Row(String gate, String what, long minimum) {}

  private static final List<Row> ROWS =
      List.of(
          new Row("R1", "a fault in a hook of ours or in an extension point", 208),
          new Row("R2", "headers that are nearly full", 36),
          new Row("R3", "a hostile caller on the wire", 60_000),
          new Row("R4", "what starts ends once", 50_000),
          new Row("R5", "every gauge returns to zero", 100),
          new Row("R6", "a depth is true", 20),
          new Row("R7", "soak: churn, stress, memory", 50_000),
          new Row("R8", "a class loader comes and goes", 8),
          new Row("R9", "bytes per message", 3),
          new Row("R10", "grpc versions, JDKs, transports", 70),
          new Row("R11", "beside other instrumentations", 10),
          new Row("R12", "an interceptor of the user's throws", 8),
          new Row("R13", "context on a hundred streams", 4),
          new Row("R14", "the off switch", 1_000),
          new Row("R15", "hostile code of the user's", 2),
          new Row("collector", "the collector is down, or slow", 10_000),
          new Row("text", "markup, control codes and line breaks from strangers", 5));

  private final Map<String, Long> cases = new TreeMap<>();
  private final Map<String, Long> failures = new TreeMap<>();
  private final Map<String, TreeSet<String>> classes = new TreeMap<>();
  private final Map<String, String> dates = new TreeMap<>();

  private GateTable() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    GateTable table = new GateTable();
    try (Stream<Path> files = Files.find(root, 8, (path, attributes) -> isReport(path))) {
      for (Path file : files.sorted().toList()) {
        table.add(Files.readString(file).strip().split("\t", -1));
      }
    }
    List<String> red = new ArrayList<>();
    String text = table.text(red);
    Path document = root.resolve("docs/safety.md");
    String before = Files.readString(document);
    int begin = before.indexOf(BEGIN) + BEGIN.length();
    Files.writeString(
        document, before.substring(0, begin) + text + before.substring(before.indexOf(END)));
    System.out.println("gates: " + ROWS.size() + ", red: " + (red.isEmpty() ? "none" : red));
    System.exit(red.isEmpty() ? 0 : 1);
  }

  private static boolean isReport(Path path) {
    return path.getParent().endsWith(Path.of("target", "gates"))
        && path.getFileName().toString().endsWith(".tsv");
  }

  private void add(String[] cells) {
    String gate = cells[0];
    classes.computeIfAbsent(gate, unseen -> new TreeSet<>()).add(outermost(cells[1]));
    cases.merge(gate, Long.valueOf(cells[2]), Long::sum);
    failures.merge(gate, Long.valueOf(cells[3]), Long::sum);
    dates.merge(gate, cells[4], (a, b) -> a.compareTo(b) > 0 ? a : b);
  }

  private static String outermost(String name) {
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  private String text(List<String> red) {
    StringBuilder text = new StringBuilder(2_000);
    text.append("\n| gate | about | tests | cases | at least | failures | date |\n");
    text.append("|---|---|---|---:|---:|---:|---|\n");
    for (Row row : ROWS) {
      long run = cases.getOrDefault(row.gate(), 0L);
      long failed = failures.getOrDefault(row.gate(), 0L);
      if (run < row.minimum() || failed > 0) {
        red.add(row.gate());
      }
      String tests = String.join("`, `", classes.getOrDefault(row.gate(), new TreeSet<>()));
      text.append(
          String.format(
              "| %s | %s | %s | %,d | %,d | %d | %s |%n",
              row.gate(),
              row.what(),
              tests.isEmpty() ? "not run" : "`" + tests + "`",
              run,
              row.minimum(),
              failed,
              dates.getOrDefault(row.gate(), "–")));
    }
    return text.append('\n').toString();
  }
}
