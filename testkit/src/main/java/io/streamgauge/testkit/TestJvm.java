package io.streamgauge.testkit;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM of its own: options, class path, main class; ended with the test whatever happens. */
public final class TestJvm {

  /** How it ended and what it said on both streams. */
  public record Outcome(int code, String output) {

    /** Lines that hold the words. */
    public List<String> lines(String words) {
      return output.lines().filter(line -> line.contains(words)).toList();
    }
  }

  /** What lives for seconds only gains nothing from the second compiler. */
  private final List<String> options = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1"));

  private Path java = Path.of(System.getProperty("java.home"), "bin", "java");
  private String classPath =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  private int seconds = 120;

  public TestJvm java(Path executable) {
    java = executable;
    return this;
  }

  public TestJvm options(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  public TestJvm classPath(String path) {
    classPath = path;
    return this;
  }

  /** What is in {@code first} hides the same in the class path. */
  public TestJvm before(Path first) {
    classPath = first + File.pathSeparator + classPath;
    return this;
  }

  public TestJvm atMost(int seconds) {
    this.seconds = seconds;
    return this;
  }

  /** Runs to the end; one that does not end in time counts as failed, with what it said. */
  public Outcome run(String... mainAndArguments) throws IOException, InterruptedException {
    Path log = Files.createTempFile("test-jvm", ".log");
    Process process = start(log, mainAndArguments);
    try {
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      String output = Files.readString(log);
      return ended
          ? new Outcome(process.exitValue(), output)
          : new Outcome(-1, output + "\ndid not end within " + seconds + " s");
    } finally {
      process.destroyForcibly().waitFor();
      Files.delete(log);
    }
  }

  /** Starts it and leaves its end to the caller. */
  public Process start(Path log, String... mainAndArguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath));
    command.addAll(List.of(mainAndArguments));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    process.getOutputStream().close();
    return process;
  }

  /** A port that was free a moment ago. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /**
   * The JDK of {@code JAVA25_HOME}, or one with {@code -25-} in its name beside the running one.
   */
  public static Optional<Path> java25() throws IOException {
    String home = System.getenv("JAVA25_HOME");
    if (home != null) {
      return Optional.of(Path.of(home, "bin", "java"));
    }
    Path beside = Path.of(System.getProperty("java.home")).toRealPath().getParent();
    try (Stream<Path> jdks = Files.list(beside)) {
      return jdks.filter(jdk -> jdk.getFileName().toString().contains("-25-"))
          .map(jdk -> jdk.resolve("bin/java"))
          .filter(Files::isExecutable)
          .findFirst();
    }
  }
}
