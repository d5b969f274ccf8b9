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
            + " lost or doubled; exit code 0 only if there was no violation.")
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
    List<Double> resumes = new ArrayList<>();
    long runs = 0;
    long acked = 0;
    long violations = 0;
    for (Chaos.Row row : rows) {
      text.append(row.markdown()).append('\n');
      resumes.addAll(row.resumes());
      runs += row.runs();
      acked += row.acked();
      violations += row.violations();
    }
    System.out.print(text);
    if (table != null) {
      Files.writeString(table, text);
    }
    System.out.printf(
        Locale.ROOT,
        "chaos: cases=%d runs=%d acked=%d violations=%d resume_median_s=%.2f%n",
        rows.size(),
        runs,
        acked,
        violations,
        Chaos.median(resumes));
    return violations == 0 ? 0 : 1;
  }
}
