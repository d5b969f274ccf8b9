package io.streamgauge.ordersync.rig;

import io.streamgauge.ordersync.flow.Standstill;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A child process. It stops in an orderly way when its standard input ends, so it also stops when
 * this process dies, however that happens.
 */
public final class ChildProcess implements AutoCloseable {

  /** Longer than a minute, after which the processes themselves end what is in vain. */
  private static final Duration STOP_STANDSTILL = Duration.ofMinutes(2);

  private static final String STALL_AFTER = "STREAMGAUGE_STALL_AFTER";

  private final String name;
  private final Process process;
  private final Thread reader;
  private volatile String lastLine = "";
  private volatile String summary = "";
  private final AtomicLong lines = new AtomicLong();
  private volatile boolean started;

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
    builder.environment().put(STALL_AFTER, stallAfter());
    builder.environment().putAll(environment);
    return new ChildProcess(name, builder.start());
  }

  /**
   * After which time without movement the processes call a stream stalled. Seconds matter in a
   * demo; the user's own setting wins.
   */
  public static String stallAfter() {
    return System.getenv().getOrDefault(STALL_AFTER, "5s");
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lastLine = line;
        lines.incrementAndGet();
        started |= line.startsWith(name.split("-")[0]);
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

  /**
   * Something that changes while it starts: the processor time it has used, until the first line
   * that begins with its name. Later it does not change: what the process does then is seen in what
   * it writes and tells.
   */
  public String startMoves() {
    return started ? "started" : "starting " + halfSeconds();
  }

  /**
   * Asks it to stop and waits for its end as long as it does something: prints, or uses the
   * processor. Kills it after two minutes in which it has not, longer than its own waits.
   *
   * @return whether it ended by itself; then {@link #exitCode} and {@link #summary} are its own
   */
  public boolean stop() throws InterruptedException {
    closeInput();
    Standstill standstill = new Standstill(STOP_STANDSTILL);
    boolean ended = false;
    while (!ended && !standstill.isReached(lines + " " + halfSeconds())) {
      ended = process.waitFor(200, TimeUnit.MILLISECONDS);
    }
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    // Its last line is its result; the thread that reads it may come late.
    reader.join(STOP_STANDSTILL.toMillis());
    return ended;
  }

  private long halfSeconds() {
    return (long) (2 * cpuSeconds());
  }

  private void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // Already gone.
    }
  }

  /** Without a result that matters: gives it a few seconds, then kills it. */
  @Override
  public void close() {
    try {
      closeInput();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
