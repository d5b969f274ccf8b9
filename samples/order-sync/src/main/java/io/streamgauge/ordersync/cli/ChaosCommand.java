package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.chaos.Chaos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the fault table. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description =
        "Kills, stops, cuts and fills up a system of real processes and checks that nothing was"
            + " lost or doubled; exit code 0 only if there was no violation and no wait ended in vain.")
final class ChaosCommand implements Callable<Integer> {

  @Option(
      names = "--plan",
      paramLabel = "ci|full",
      description = "ci: each fault a few times, minutes; full: hours (${DEFAULT-VALUE}).")
  private String plan = "ci";

  @Option(names = "--only", paramLabel = "NAME", description = "Faults whose name contains this.")
  private String only;

  @Option(
      names = "--share",
      description = "Share of the full plan's runs that are done, above 0 to 1 (${DEFAULT-VALUE}).")
  private double share = 1;

  @Option(
      names = "--table",
      paramLabel = "FILE",
      description = "Write the results as a Markdown table there too.")
  private Path table;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    boolean full = plan.equals("full");
    if (!full && !plan.equals("ci")) {
      throw new CommandFailure("--plan must be ci or full, not " + plan);
    }
    if (!(share > 0 && share <= 1)) {
      throw new CommandFailure("--share must be above 0 and at most 1, not " + share);
    }
    if (only != null && Chaos.names(true).stream().noneMatch(name -> name.contains(only))) {
      throw new CommandFailure("no fault is called " + only + "; there are " + Chaos.names(true));
    }
    try {
      List<Chaos.Row> rows =
          new Chaos(full, only, share, line -> System.out.println("chaos: " + line)).run();
      return report(rows);
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  private int report(List<Chaos.Row> rows) throws IOException {
    StringBuilder text = new StringBuilder(Chaos.MARKDOWN_HEAD).append('\n');
    rows.forEach(row -> text.append(row.markdown()).append('\n'));
    System.out.print(text);
    if (table != null) {
      Files.writeString(table, text);
    }
    System.out.println(closingLine(rows));
    return exitCode(rows);
  }

  static String closingLine(List<Chaos.Row> rows) {
    List<Double> resumes = new ArrayList<>();
    rows.forEach(row -> resumes.addAll(row.resumes()));
    return String.format(
        Locale.ROOT,
        "chaos: cases=%d runs=%d acked=%d violations=%d late=%d unfinished=%d resume_median_s=%.2f",
        rows.size(),
        rows.stream().mapToInt(Chaos.Row::runs).sum(),
        rows.stream().mapToLong(Chaos.Row::acked).sum(),
        rows.stream().mapToLong(Chaos.Row::violations).sum(),
        rows.stream().mapToLong(Chaos.Row::late).sum(),
        rows.stream().mapToLong(Chaos.Row::unfinished).sum(),
        Chaos.median(resumes));
  }

  /** What is late is a slow machine; what is unfinished has no verdict, and that is no success. */
  static int exitCode(List<Chaos.Row> rows) {
    return rows.stream().allMatch(row -> row.violations() == 0 && row.unfinished() == 0) ? 0 : 1;
  }
}
