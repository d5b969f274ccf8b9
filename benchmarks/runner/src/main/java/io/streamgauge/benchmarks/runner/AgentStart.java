package io.streamgauge.benchmarks.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What an agent adds to the CPU time of a process up to its first call, and to a message then. */
final class AgentStart {

  /**
   * Medians over the runs.
   *
   * @param agent none, ours lean, ours full or upstream's
   * @param cpuSeconds of the process from its start to the end of its first call over Netty
   * @param addedSeconds the same less what it takes without an agent
   * @param throughput messages per second of a server stream, relative to none
   */
  record Row(String agent, double cpuSeconds, double addedSeconds, double throughput) {}

  private static final int LIMIT_SECONDS = 120;

  private final Path benchmarks;
  private final int runs;
  private final Consumer<String> progress;
  private final Map<String, List<String>> agents = new LinkedHashMap<>();

  /** Measures each agent so many times, in turns. */
  AgentStart(Path benchmarks, Path ours, Path upstream, int runs, Consumer<String> progress) {
    this.benchmarks = benchmarks;
    this.runs = runs;
    this.progress = progress;
    List<String> quiet =
        List.of(
            "-Dotel.traces.exporter=none",
            "-Dotel.metrics.exporter=none",
            "-Dotel.logs.exporter=none");
    agents.put("none", List.of());
    agents.put("ours lean", with(ours, quiet, "-Dstreamgauge.profile=lean"));
    agents.put("ours full", with(ours, quiet));
    agents.put("upstream", with(upstream, quiet));
  }

  private static List<String> with(Path jar, List<String> quiet, String... more) {
    List<String> options = new ArrayList<>();
    options.add("-javaagent:" + jar);
    options.addAll(quiet);
    options.addAll(List.of(more));
    return options;
  }

  List<Row> run() throws IOException, InterruptedException {
    Map<String, List<Double>> cpu = new LinkedHashMap<>();
    Map<String, List<Double>> rate = new LinkedHashMap<>();
    for (int run = 1; run <= runs; run++) {
      for (Map.Entry<String, List<String>> agent : agents.entrySet()) {
        double[] measured = start(agent.getValue());
        cpu.computeIfAbsent(agent.getKey(), k -> new ArrayList<>()).add(measured[0]);
        rate.computeIfAbsent(agent.getKey(), k -> new ArrayList<>()).add(measured[1]);
      }
      progress.accept(String.format("agents: run %d of %d", run, runs));
    }
    double bare = Medians.of(cpu.get("none"));
    List<Row> rows = new ArrayList<>();
    for (String agent : agents.keySet()) {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        ratios.add(rate.get(agent).get(i) / rate.get("none").get(i));
      }
      double seconds = Medians.of(cpu.get(agent));
      rows.add(new Row(agent, seconds, seconds - bare, Medians.of(ratios)));
    }
    return rows;
  }

  /** CPU seconds to the first call, and messages per second once warm. */
  private double[] start(List<String> options) throws IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(List.of("-Xms384m", "-Xmx384m", "-Djava.net.preferIPv4Stack=true"));
    all.addAll(options);
    return BenchJvm.numbers(
        BenchJvm.command(
            benchmarks.resolve("worker"), all, "io.streamgauge.benchmarks.worker.FirstCall"),
        LIMIT_SECONDS);
  }
}
