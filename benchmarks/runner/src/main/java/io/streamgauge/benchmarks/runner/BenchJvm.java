package io.streamgauge.benchmarks.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** JVMs with a module's class path and nothing of another's. */
final class BenchJvm {

  private BenchJvm() {}

  /** A command that runs {@code main} of a module under {@code benchmarks/}. */
  static ProcessBuilder command(
      Path module, List<String> options, String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(module), main));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder;
  }

  private static String classPath(Path module) {
    Path list = module.resolve("target/classpath.txt");
    try {
      return module.resolve("target/classes") + ":" + Files.readString(list).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("not built: " + list, e);
    }
  }

  /**
   * Runs it to its end.
   *
   * @return the numbers of its last line
   * @throws IllegalStateException with all it said, if it fails or takes too long
   */
  static double[] numbers(ProcessBuilder command, int seconds)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile("benchmark", ".out");
    Path complaints = Files.createTempFile("benchmark", ".err");
    Process process =
        command.redirectOutput(said.toFile()).redirectError(complaints.toFile()).start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(seconds, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(
            "failed: "
                + String.join(" ", command.command())
                + "\n"
                + Files.readString(said)
                + Files.readString(complaints));
      }
      String last = Files.readString(said).strip().lines().reduce((a, b) -> b).orElseThrow();
      return Arrays.stream(last.split(" ")).mapToDouble(Double::parseDouble).toArray();
    } finally {
      process.destroyForcibly();
      Files.delete(said);
      Files.delete(complaints);
    }
  }
}
