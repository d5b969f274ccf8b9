package io.streamgauge.benchmarks.runner;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code benchmarks/run}. */
@Command(
    name = "benchmarks/run",
    mixinStandardHelpOptions = true,
    description = "Measures calls and messages beside bare gRPC and beside the peers.")
final class BenchmarksCommand implements Callable<Integer> {

  private enum Profile {
    QUICK(16, 1),
    FULL(24, 3);

    private final int rounds;
    private final int jvms;

    Profile(int rounds, int jvms) {
      this.rounds = rounds;
      this.jvms = jvms;
    }
  }

  private enum Part {
    CALLS,
    LOAD,
    LATENCY,
    AGENTS,
    STREAMS,
    PRIMITIVES
  }

  private static final int AGENT_RUNS = 5;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--profile",
      paramLabel = "quick|full",
      description = "quick: minutes, no document is touched; full: all, and docs/benchmarks.md.")
  private Profile profile = Profile.QUICK;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the rows there too.")
  private Path json;

  @Option(
      names = "--only",
      paramLabel = "SCENARIO",
      description =
          "S1 to S4 of the calls; C2, C8, N4K, N64K, TLS, EXEC, VT of the load; more than one: several times.")
  private Set<BenchScenario> only = EnumSet.noneOf(BenchScenario.class);

  @Option(
      names = "--config",
      paramLabel = "NAME",
      description = "Only these configurations beside bare.")
  private List<String> names = List.of();

  @Option(
      names = "--part",
      paramLabel = "PART",
      description =
          "calls, load, latency, agents, streams, primitives; all of them with the full profile.")
  private Set<Part> parts = EnumSet.noneOf(Part.class);

  @Option(
      names = "--jvms",
      paramLabel = "N",
      description = "JVMs of each configuration, one after the other; 1 and 3 by profile.")
  private Integer jvms;

  @Option(names = "--root", hidden = true, description = "The checkout.")
  private Path root = Path.of("");

  private BenchmarksCommand() {}

  /** Ends with 0, or with 1 and a line that says why not, or with 2 for bad input. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new BenchmarksCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(
                (e, command, parsed) -> {
                  System.err.println("benchmarks: " + e.getMessage());
                  return 1;
                })
            .setParameterExceptionHandler(
                (e, given) -> {
                  System.err.println("benchmarks: " + e.getMessage());
                  return 2;
                })
            .execute(args));
  }

  @Override
  public Integer call() throws Exception {
    boolean full = profile == Profile.FULL;
    List<BenchConfig> configs = configs(full);
    if (json != null && Files.isDirectory(json)) {
      throw new ParameterException(spec.commandLine(), "--json " + json + " is a directory");
    }
    if (jvms == null) {
      jvms = profile.jvms;
    } else if (jvms < 1) {
      throw new ParameterException(spec.commandLine(), "--jvms must be above zero, not " + jvms);
    }
    if (parts.isEmpty()) {
      parts = full ? EnumSet.allOf(Part.class) : EnumSet.of(Part.CALLS);
    }
    Set<BenchScenario> scenarios = scenarios();
    Path benchmarks = root.resolve("benchmarks");
    long began = System.nanoTime();
    List<BenchRow> rows = calls(configs, scenarios);
    List<Latency.Row> latencies =
        parts.contains(Part.LATENCY) ? new Latency(benchmarks, jvms, this::say).run() : List.of();
    List<AgentStart.Row> agents = parts.contains(Part.AGENTS) ? agents(benchmarks) : List.of();
    List<Scale.Row> scale =
        parts.contains(Part.STREAMS)
            ? new Scale(benchmarks, List.of(1_000, 3_000, 10_000, 30_000, 100_000), this::say).run()
            : List.of();
    List<PrimitiveRows.Row> primitives =
        parts.contains(Part.PRIMITIVES) ? PrimitiveRows.run() : List.of();
    Report report = new Report(rows, latencies, agents, scale, primitives);
    if (json != null) {
      report.writeJson(json);
    }
    // Half a table must not take the place of a whole one.
    if (full && names.isEmpty() && only.isEmpty()) {
      document(report, rows, scale);
    }
    say(
        String.format(
            Locale.ROOT,
            "done: rows=%d scenarios=%d configs=%d took=%ds",
            rows.size(),
            scenarios.size(),
            configs.size(),
            (System.nanoTime() - began) / 1_000_000_000));
    return 0;
  }

  /**
   * Those that were named; without a name, those of the parts that are measured. What needs a JDK
   * that is not there is left out before anything is measured.
   */
  private Set<BenchScenario> scenarios() {
    Set<BenchScenario> all = EnumSet.noneOf(BenchScenario.class);
    all.addAll(only.isEmpty() ? ofParts() : only);
    if (BenchJvm.java25().isEmpty() && all.removeIf(BenchScenario::needsJava25)) {
      say("no JDK 25, so VT is left out: set JAVA25_HOME");
    }
    return all;
  }

  private Set<BenchScenario> ofParts() {
    Set<BenchScenario> all = EnumSet.noneOf(BenchScenario.class);
    if (parts.contains(Part.CALLS)) {
      all.addAll(BenchScenario.of(BenchScenario.Table.CALLS));
    }
    if (parts.contains(Part.LOAD)) {
      all.addAll(BenchScenario.of(BenchScenario.Table.LOAD));
    }
    return all;
  }

  private List<BenchRow> calls(List<BenchConfig> configs, Set<BenchScenario> scenarios)
      throws Exception {
    Interleave interleave =
        new Interleave(root.resolve("benchmarks"), configs, profile.rounds, jvms, this::say);
    List<BenchRow> rows = new ArrayList<>();
    for (BenchScenario scenario : scenarios) {
      List<BenchRow> measured = interleave.run(scenario);
      measured.forEach(this::print);
      rows.addAll(measured);
    }
    return rows;
  }

  private List<BenchConfig> configs(boolean full) {
    if (names.isEmpty()) {
      return BenchConfig.ALL.stream().filter(config -> full || config.quick()).toList();
    }
    List<BenchConfig> found = new ArrayList<>();
    for (String name : names) {
      found.add(
          BenchConfig.ALL.stream()
              .filter(config -> config.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          "--config "
                              + name
                              + ": known are "
                              + String.join(
                                  ", ",
                                  BenchConfig.ALL.stream().map(BenchConfig::name).toList()))));
    }
    return found;
  }

  private List<AgentStart.Row> agents(Path benchmarks) throws Exception {
    Path ours = root.resolve("javaagent/distribution/target/streamgauge-javaagent.jar");
    Path upstream = benchmarks.resolve("runner/target/opentelemetry-javaagent.jar");
    return new AgentStart(benchmarks, ours, upstream, AGENT_RUNS, this::say).run();
  }

  private void document(Report report, List<BenchRow> rows, List<Scale.Row> scale)
      throws Exception {
    Path docs = root.resolve("docs");
    List<BenchRow> plotted =
        rows.stream().filter(row -> row.scenario().table == BenchScenario.Table.CALLS).toList();
    if (!plotted.isEmpty()) {
      Plot.calls(plotted, docs.resolve("images/benchmarks-calls.png"));
    }
    if (!scale.isEmpty()) {
      Plot.streams(scale, docs.resolve("images/benchmarks-streams.png"));
    }
    report.writeTables(
        docs.resolve("benchmarks.md"),
        String.format(
            "%s, %d processors, JDK %s, `benchmarks/run --profile full`.%n",
            LocalDate.now(ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            Runtime.version()),
        String.format("%d JVMs of each, %d bursts.%n", jvms, profile.rounds));
  }

  private void print(BenchRow row) {
    say(
        String.format(
            Locale.ROOT,
            "%s %-22s cpu %.3f [%.3f..%.3f]  bytes %+.1f [%+.1f..%+.1f]",
            row.scenario(),
            row.config(),
            row.cpu(),
            row.cpuLow(),
            row.cpuHigh(),
            row.bytes(),
            row.bytesLow(),
            row.bytesHigh()));
  }

  private void say(String line) {
    System.out.println("benchmarks: " + line);
  }
}
