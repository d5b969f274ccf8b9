package io.streamgauge.benchmarks.runner;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A JVM with one configuration, warm from the first burst on to the last. */
final class WorkerProcess implements AutoCloseable {

  /** What an operation of a burst cost. */
  record Sample(double cpuNanos, double bytes) {}

  private static final String TRACING = "GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING";
  private static final int STOP_SECONDS = 10;

  private final Process process;
  private final BufferedReader out;
  private final PrintWriter in;
  private final String name;

  WorkerProcess(Path benchmarks, BenchScenario scenario, BenchConfig config) {
    name = scenario + " " + config.name();
    ProcessBuilder builder =
        BenchJvm.command(
            scenario.needsJava25() ? BenchJvm.java25().orElseThrow() : BenchJvm.java(),
            benchmarks.resolve(config.module()),
            BenchJvm.HEAP,
            "io.streamgauge.benchmarks.worker.Worker",
            scenario.name(),
            config.name());
    builder.redirectError(
        ProcessBuilder.Redirect.DISCARD); // spans that find no room, once a second
    builder.environment().remove(TRACING);
    if (config.name().equals("grpc-otel")) {
      builder.environment().put(TRACING, "true");
    }
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out = process.inputReader(StandardCharsets.UTF_8);
    in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    expect("ready");
  }

  private void expect(String wanted) {
    String line = read();
    if (!line.equals(wanted)) {
      throw new IllegalStateException(name + " said " + line + " instead of " + wanted);
    }
  }

  private String read() {
    try {
      String line = out.readLine();
      if (line == null) {
        throw new IllegalStateException(name + " has ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  /** Does so many operations. */
  Sample burst(int operations) {
    in.println(operations);
    String[] fields = read().split(" ");
    return new Sample(
        Double.parseDouble(fields[0]) / operations, Double.parseDouble(fields[1]) / operations);
  }

  @Override
  public void close() {
    in.close();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
