package io.streamgauge.benchmarks.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Latency of unary calls over Netty at a fixed rate, from when each was due. */
final class Latency {

  /**
   * Figures of one configuration, microseconds: medians over its JVMs.
   *
   * @param lowest 99 % of the JVM with the lowest
   * @param highest 99 % of the JVM with the highest
   */
  record Row(String config, double p50, double p99, double p999, double lowest, double highest) {}

  private static final int RATE = 2_000;
  private static final int SECONDS = 10;
  private static final int LIMIT_SECONDS = 120;

  private static final List<String> NAMES =
      List.of(
          "ours-numbers", "ours-numbers-light", "ours-everything", "micrometer", "brave", "otel");

  private final Path benchmarks;
  private final int jvms;
  private final Consumer<String> progress;

  Latency(Path benchmarks, int jvms, Consumer<String> progress) {
    this.benchmarks = benchmarks;
    this.jvms = jvms;
    this.progress = progress;
  }

  /** All configurations in turns, each time in another order. */
  List<Row> run() throws IOException, InterruptedException {
    List<BenchConfig> configs = new ArrayList<>(List.of(BenchConfig.BARE));
    BenchConfig.ALL.stream().filter(each -> NAMES.contains(each.name())).forEach(configs::add);
    Map<String, List<double[]>> figures = new LinkedHashMap<>();
    configs.forEach(config -> figures.put(config.name(), new ArrayList<>()));
    for (int jvm = 1; jvm <= jvms; jvm++) {
      for (BenchConfig config : configs) {
        double[] measured = measure(config);
        figures.get(config.name()).add(measured);
        progress.accept(
            String.format(
                Locale.ROOT,
                "latency %-20s p50 %.0f  p99 %.0f  p99.9 %.0f us (JVM %d of %d)",
                config.name(),
                measured[0],
                measured[1],
                measured[2],
                jvm,
                jvms));
      }
      Collections.rotate(configs, 1);
    }
    List<Row> rows = new ArrayList<>();
    figures.forEach((config, each) -> rows.add(row(config, each)));
    return rows;
  }

  private static Row row(String config, List<double[]> jvms) {
    List<Double> p99 = jvms.stream().map(jvm -> jvm[1]).toList();
    return new Row(
        config,
        Medians.of(jvms.stream().map(jvm -> jvm[0]).toList()),
        Medians.of(p99),
        Medians.of(jvms.stream().map(jvm -> jvm[2]).toList()),
        Collections.min(p99),
        Collections.max(p99));
  }

  private double[] measure(BenchConfig config) throws IOException, InterruptedException {
    return BenchJvm.numbers(
        BenchJvm.command(
            benchmarks.resolve(config.module()),
            BenchJvm.HEAP,
            "io.streamgauge.benchmarks.worker.LatencyMain",
            config.name(),
            Integer.toString(RATE),
            Integer.toString(SECONDS)),
        LIMIT_SECONDS);
  }
}
