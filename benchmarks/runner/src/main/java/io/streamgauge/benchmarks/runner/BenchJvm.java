package io.streamgauge.benchmarks.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** JVMs with a module's class path and nothing of another's. */
final class BenchJvm {

  /** One collector and a fixed heap for all, so that only what is allocated differs. */
  static final List<String> HEAP =
      List.of("-XX:+UseG1GC", "-Xms384m", "-Xmx384m", "-Djava.net.preferIPv4Stack=true");

  private BenchJvm() {}

  /** The program of this JDK. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** The program of a JDK 25: of {@code JAVA25_HOME}, or of one that is beside this JDK. */
  static Optional<Path> java25() {
    String home = System.getenv("JAVA25_HOME");
    if (home != null) {
      return Optional.of(Path.of(home, "bin", "java"));
    }
    try (Stream<Path> jdks =
        Files.list(Path.of(System.getProperty("java.home")).toRealPath().getParent())) {
      return jdks.filter(jdk -> jdk.getFileName().toString().contains("-25-"))
          .map(jdk -> jdk.resolve("bin/java"))
          .filter(Files::isExecutable)
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A command that runs {@code main} of a module under {@code benchmarks/}. */
  static ProcessBuilder command(
      Path module, List<String> options, String main, String... arguments) {
    return command(java(), module, options, main, arguments);
  }

  static ProcessBuilder command(
      Path java, Path module, List<String> options, String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
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
