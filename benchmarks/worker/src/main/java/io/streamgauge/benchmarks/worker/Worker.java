package io.streamgauge.benchmarks.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * One configuration in one process: {@code Worker SCENARIO CONFIG}. Says {@code ready}, then does
 * as many operations as each line of its input says and answers with CPU nanoseconds, bytes
 * allocated and nanoseconds on the wall; ends with its input.
 */
public final class Worker {

  private Worker() {}

  /** Runs until the input ends. */
  public static void main(String[] args) throws IOException, InterruptedException {
    PrintStream out = System.out;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Scenario scenario = Scenario.open(args[0], subject(args[1]))) {
      scenario.run(args[0].equals("S3") ? BenchMethods.STREAM_MESSAGES : 1);
      out.println("ready");
      Meters before = new Meters();
      Meters after = new Meters();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        int operations = Integer.parseInt(line);
        before.read();
        scenario.run(operations);
        after.read();
        out.printf("%d %d%n", after.cpuNanos - before.cpuNanos, after.bytes - before.bytes);
      }
    }
    System.exit(0); // exporters may still be waiting for their next interval
  }

  static Subject subject(String config) {
    return switch (config) {
      case "bare" -> Subject.BARE;
      case "floor" -> new FloorSubject();
      default -> watched(config);
    };
  }

  private static Subject watched(String config) {
    for (SubjectProvider provider : ServiceLoader.load(SubjectProvider.class)) {
      Optional<Subject> found = provider.open(config);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new IllegalArgumentException("no provider on this class path is " + config);
  }
}
