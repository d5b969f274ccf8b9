package io.streamgauge.ordersync.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A child process. It stops in an orderly way when its standard input ends, so it also stops when
 * this process dies, however that happens.
 */
public final class ChildProcess implements AutoCloseable {

  private final String name;
  private final Process process;
  private final Thread reader;
  private volatile String lastLine = "";
  private volatile String summary = "";

  private ChildProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.reader = new Thread(this::read, "output-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  public static ChildProcess start(String name, List<String> jvm, Path jar, List<String> arguments)
      throws IOException {
    return start(name, jvm, jar, arguments, Map.of());
  }

  /** The same with more in its environment, which wins over what it inherits. */
  public static ChildProcess start(
      String name,
      List<String> jvm,
      Path jar,
      List<String> arguments,
      Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    // Ctrl-C reaches the whole process group; only the parent may act on it, or nothing would
    // drain.
    command.addAll(List.of("/bin/sh", "-c", "trap '' INT; exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx384m", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(jvm);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(arguments);
    command.add("--exit-with-parent");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Seconds matter in a demo; the user's own setting wins.
    builder.environment().putIfAbsent("STREAMGAUGE_STALL_AFTER", "5s");
    builder.environment().putAll(environment);
    return new ChildProcess(name, builder.start());
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        lastLine = line;
        if (line.startsWith(name + ":")) {
          summary = line;
        }
        if (!line.startsWith(name + ":")
            && !line.startsWith(name.split("-")[0] + ":")
            && !line.contains(": gRPC on ")) {
          System.out.println("[" + name + "] " + line);
        }
      }
    } catch (IOException e) {
      // The process is gone; its exit code says the rest.
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** The last line it printed, for messages about its end. */
  public String lastLine() {
    return lastLine;
  }

  /** The last line that carries its name, which is its result. */
  public String summary() {
    return summary;
  }

  public String name() {
    return name;
  }

  /** As kill -9 does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  public long pid() {
    return process.pid();
  }

  /** CPU time it has used so far, in seconds; 0 where the system does not say. */
  public double cpuSeconds() {
    return process.info().totalCpuDuration().map(time -> time.toNanos() / 1e9).orElse(0.0);
  }

  /** How it ended; only after its end. */
  public int exitCode() {
    return process.exitValue();
  }

  /** Waits for its end; false if it has not come by then. */
  public boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
    return process.waitFor(timeout, unit);
  }

  /** Asks it to stop and waits; kills it only if it does not. */
  public int stop(int seconds) throws InterruptedException {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // Already gone.
    }
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    reader.join(TimeUnit.SECONDS.toMillis(2));
    return process.exitValue();
  }

  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        stop(5);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
