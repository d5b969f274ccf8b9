package io.streamgauge.benchmarks.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Measures by short bursts of warm JVMs in turns: whatever the machine does meanwhile hits all of
 * them alike. A burst is compared with the mean of the bare bursts before and after it.
 */
final class Interleave {

  /** A bare burst comes before every so many others. */
  private static final int BARE_EVERY = 4;

  private static final int DROPPED_ROUNDS = 4;
  private static final int WARMED_AT_ONCE = 2;

  private final Path benchmarks;
  private final List<BenchConfig> configs;
  private final int rounds;
  private final int generations;
  private final Consumer<String> progress;

  /**
   * Prepares a measurement.
   *
   * @param rounds bursts of each JVM that count
   * @param generations how often everything is done again with fresh JVMs
   */
  Interleave(
      Path benchmarks,
      List<BenchConfig> configs,
      int rounds,
      int generations,
      Consumer<String> progress) {
    this.benchmarks = benchmarks;
    this.configs = configs;
    this.rounds = rounds;
    this.generations = generations;
    this.progress = progress;
  }

  /** One JVM and what its bursts came to. */
  private static final class Runner {
    final String name;
    final WorkerProcess worker;
    final List<Double> ratios = new ArrayList<>();
    final List<Double> bytes = new ArrayList<>();

    Runner(String name, WorkerProcess worker) {
      this.name = name;
      this.worker = worker;
    }
  }

  List<BenchRow> run(BenchScenario scenario) throws Exception {
    Map<String, List<double[]>> byConfig = new LinkedHashMap<>();
    for (int generation = 1; generation <= generations; generation++) {
      progress.accept(
          String.format("%s: warming up, JVMs %d of %d", scenario, generation, generations));
      List<Runner> runners = new ArrayList<>();
      try {
        start(scenario, runners, new Random(generation));
        measure(scenario, runners);
      } finally {
        runners.forEach(runner -> runner.worker.close());
      }
      double bareBytes = Medians.of(runners.get(0).bytes);
      for (Runner runner : runners.subList(1, runners.size())) {
        byConfig
            .computeIfAbsent(runner.name, name -> new ArrayList<>())
            .add(new double[] {Medians.of(runner.ratios), Medians.of(runner.bytes) - bareBytes});
      }
    }
    return rows(scenario, byConfig);
  }

  /**
   * The bare one all are measured against, then the others, a second bare one for the null row
   * among them, in an order of this generation's own: what comes from when a JVM was warmed, and
   * from who was warmed beside it, is nobody's for all generations.
   */
  private void start(BenchScenario scenario, List<Runner> runners, Random random) throws Exception {
    List<BenchConfig> all = new ArrayList<>(configs);
    all.add(BenchConfig.BARE);
    Collections.shuffle(all, random);
    all.add(0, BenchConfig.BARE);
    ExecutorService warming = Executors.newFixedThreadPool(scenario.sockets ? 1 : WARMED_AT_ONCE);
    try {
      List<Future<Runner>> warmed = new ArrayList<>();
      for (BenchConfig config : all) {
        warmed.add(warming.submit(() -> warm(scenario, config)));
      }
      for (Future<Runner> runner : warmed) {
        runners.add(runner.get());
      }
    } finally {
      warming.shutdownNow();
    }
  }

  private Runner warm(BenchScenario scenario, BenchConfig config) {
    WorkerProcess worker = new WorkerProcess(benchmarks, scenario, config);
    worker.burst(scenario.warmUp);
    return new Runner(config.name(), worker);
  }

  private void measure(BenchScenario scenario, List<Runner> runners) {
    Runner bare = runners.get(0);
    List<Runner> others = new ArrayList<>(runners.subList(1, runners.size()));
    for (int round = 0; round < rounds + DROPPED_ROUNDS; round++) {
      boolean counts = round >= DROPPED_ROUNDS;
      WorkerProcess.Sample before = bare.worker.burst(scenario.burst);
      for (int i = 0; i < others.size(); i += BARE_EVERY) {
        List<Runner> group = others.subList(i, Math.min(others.size(), i + BARE_EVERY));
        List<WorkerProcess.Sample> samples = new ArrayList<>();
        group.forEach(runner -> samples.add(runner.worker.burst(scenario.burst)));
        WorkerProcess.Sample after = bare.worker.burst(scenario.burst);
        if (counts) {
          double reference = (before.cpuNanos() + after.cpuNanos()) / 2;
          for (int k = 0; k < group.size(); k++) {
            group.get(k).ratios.add(samples.get(k).cpuNanos() / reference);
            group.get(k).bytes.add(samples.get(k).bytes());
          }
          bare.bytes.add(after.bytes());
        }
        before = after;
      }
      Collections.rotate(others, 1);
      if (counts && (round - DROPPED_ROUNDS + 1) % 10 == 0) {
        progress.accept(
            String.format("%s: round %d of %d", scenario, round - DROPPED_ROUNDS + 1, rounds));
      }
    }
  }

  private List<BenchRow> rows(BenchScenario scenario, Map<String, List<double[]>> byConfig) {
    List<Double> nulls = byConfig.get(BenchConfig.BARE.name()).stream().map(jvm -> jvm[0]).toList();
    double spread = spread(nulls);
    List<BenchRow> rows = new ArrayList<>();
    List<String> order = new ArrayList<>(List.of(BenchConfig.BARE.name()));
    configs.forEach(config -> order.add(config.name()));
    order.forEach(
        config -> {
          List<double[]> jvms = byConfig.get(config);
          List<Double> cpu = jvms.stream().map(jvm -> jvm[0]).toList();
          List<Double> bytes = jvms.stream().map(jvm -> jvm[1]).toList();
          rows.add(
              new BenchRow(
                  scenario,
                  config,
                  Medians.of(cpu),
                  Collections.min(cpu),
                  Collections.max(cpu),
                  Medians.of(bytes),
                  Collections.min(bytes),
                  Collections.max(bytes),
                  spread));
        });
    return rows;
  }

  /** With 1 among them: bare against itself is 1 by what it is. */
  private static double spread(List<Double> nulls) {
    return Math.max(1, Collections.max(nulls)) - Math.min(1, Collections.min(nulls));
  }
}
