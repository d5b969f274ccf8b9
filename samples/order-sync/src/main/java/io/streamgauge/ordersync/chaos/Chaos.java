package io.streamgauge.ordersync.chaos;

import io.streamgauge.ordersync.check.HistoryChecker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Causes the faults of a plan in a system of real processes and checks after each kind that nothing
 * was lost or doubled.
 */
public final class Chaos {

  /**
   * A row of the result.
   *
   * @param name the fault
   * @param runs how often it was caused
   * @param acked updates the clients were told are stored
   * @param violations promises that were broken
   * @param late things that happened after the time stated for them
   * @param unfinished waits that ended since nothing had moved for a minute
   * @param resumes seconds from a ready server to the first new ack, each time it was measured
   * @param seconds it took
   */
  public record Row(
      String name,
      int runs,
      long acked,
      long violations,
      long late,
      long unfinished,
      List<Double> resumes,
      double seconds) {

    /** A row of a Markdown table. */
    public String markdown() {
      return String.format(
          Locale.ROOT,
          "| %s | %d | %d | %d | %d | %d | %s | %.0f |",
          name,
          runs,
          acked,
          violations,
          late,
          unfinished,
          resumes.isEmpty() ? "–" : String.format(Locale.ROOT, "%.2f", median(resumes)),
          seconds);
    }
  }

  /** The head of the table that {@link Row#markdown} fills. */
  public static final String MARKDOWN_HEAD =
      "| fault | runs | acked | violations | late | unfinished | resume s (median) | took s |\n"
          + "|---|---|---|---|---|---|---|---|";

  private static final long CI_UPDATES = 1_000;

  /** Five updates complete an order; 5,000 of them. */
  private static final long FULL_UPDATES = 25_000;

  private final boolean full;
  private final String only;
  private final double share;
  private final Consumer<String> progress;

  /**
   * Prepares a plan.
   *
   * @param full the full plan, which takes hours, or the short one
   * @param only a case whose name contains this, or null for all
   * @param share of the runs of each case that are done, above 0 and at most 1
   * @param progress gets a line now and then
   */
  public Chaos(boolean full, String only, double share, Consumer<String> progress) {
    this.full = full;
    this.only = only;
    this.share = share;
    this.progress = progress;
  }

  /** The names of a plan's cases; the short one leaves out what differs little from another. */
  public static List<String> names(boolean full) {
    List<String> names = new ArrayList<>();
    for (ChaosCase each : ChaosFaults.all()) {
      if (full || each.ciRuns() > 0) {
        names.add(each.name());
      }
    }
    names.add(ChaosHerd.NAME);
    names.add(ChaosSlow.NAME);
    return names;
  }

  /** Runs it to the end; a row for each fault. */
  public List<Row> run() throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (ChaosCase each : ChaosFaults.all()) {
      int runs = full ? Math.max(1, (int) (each.fullRuns() * share)) : each.ciRuns();
      if (only != null) {
        runs = Math.max(1, runs); // asked for by name
      }
      if (runs > 0 && isWanted(each.name())) {
        rows.add(run(each, runs));
      }
    }
    if (isWanted(ChaosHerd.NAME)) {
      rows.add(ChaosHerd.run(full, progress));
    }
    if (isWanted(ChaosSlow.NAME)) {
      rows.add(ChaosSlow.run(full, progress));
    }
    return rows;
  }

  private boolean isWanted(String name) {
    return only == null || name.contains(only);
  }

  private Row run(ChaosCase each, int runs) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try (ChaosRig rig = new ChaosRig()) {
      rig.startServer();
      rig.awaitReady();
      rig.startClient(each.client());
      for (int i = 0; i < runs && rig.findings().mayGoOn(); i++) {
        each.fault().cause(rig, new ChaosCase.Size(full, i, full ? FULL_UPDATES : CI_UPDATES));
        progress.accept(each.name() + ": run " + (i + 1) + " of " + runs);
      }
      HistoryChecker.Result result = rig.finish(each.wholeRoad());
      return row(each.name(), runs, result, result.acked(), rig, begun, progress);
    }
  }

  /** The end of a case: says what was found, and sums up. */
  static Row row(
      String name,
      int runs,
      HistoryChecker.Result result,
      long acked,
      ChaosRig rig,
      long begun,
      Consumer<String> progress) {
    ChaosFindings findings = rig.findings();
    String kept = findings.mayGoOn() ? "" : " (kept in " + rig.directory() + ")";
    findings.lines().forEach(line -> progress.accept(name + ": " + line + kept));
    Row row =
        new Row(
            name,
            runs,
            acked,
            Math.max(result.violations(), findings.count(ChaosFindings.Kind.VIOLATION)),
            findings.count(ChaosFindings.Kind.LATE),
            findings.count(ChaosFindings.Kind.UNFINISHED),
            List.copyOf(rig.resumes()),
            (System.nanoTime() - begun) / 1e9);
    progress.accept(
        String.format(
            Locale.ROOT,
            "%s: acked=%d violations=%d late=%d unfinished=%d, %.0f s",
            name,
            acked,
            row.violations(),
            row.late(),
            row.unfinished(),
            row.seconds()));
    return row;
  }

  /** The middle one, or 0 of none. */
  public static double median(List<Double> values) {
    if (values.isEmpty()) {
      return 0;
    }
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
