package io.streamgauge.benchmarks.runner;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs {@link Primitives} with JMH. */
final class PrimitiveRows {

  /**
   * One primitive.
   *
   * @param name method of {@link Primitives}
   * @param nanos mean time, nanoseconds
   * @param error half the width of JMH's 99.9 % interval
   * @param bytes allocated
   */
  record Row(String name, double nanos, double error, double bytes) {}

  private static final int FORKS = 3;
  private static final int ITERATIONS = 3;

  private PrimitiveRows() {}

  static List<Row> run() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(Primitives.class.getName() + "\\..*")
                    .addProfiler(GCProfiler.class)
                    .forks(FORKS)
                    .warmupIterations(ITERATIONS)
                    .measurementIterations(ITERATIONS)
                    .warmupTime(TimeValue.milliseconds(500))
                    .measurementTime(TimeValue.milliseconds(500))
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    return results.stream().map(PrimitiveRows::row).toList();
  }

  @SuppressWarnings("rawtypes") // as JMH declares them
  private static Row row(RunResult result) {
    double bytes = 0;
    for (Map.Entry<String, Result> more : result.getSecondaryResults().entrySet()) {
      if (more.getKey().endsWith("gc.alloc.rate.norm")) {
        bytes = more.getValue().getScore();
      }
    }
    Result primary = result.getPrimaryResult();
    return new Row(primary.getLabel(), primary.getScore(), primary.getScoreError(), bytes);
  }
}
