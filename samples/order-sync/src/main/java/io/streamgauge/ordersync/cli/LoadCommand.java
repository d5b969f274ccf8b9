package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.load.LoadDriver;
import io.streamgauge.ordersync.load.LoadResult;
import io.streamgauge.ordersync.load.LoadSettings;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Drives a load and reports throughput and latencies. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description =
        "Drives an open-loop load at a server: updates are due at a fixed rate whatever the server"
            + " does, and latency counts from when an update was due.")
final class LoadCommand implements Callable<Integer> {

  @Mixin private ProcessOptions process;

  @Option(names = "--port", description = "gRPC port of the server (default: ${DEFAULT-VALUE}).")
  private int port = 9480;

  @Option(names = "--streams", description = "Clients, one stream each (${DEFAULT-VALUE}).")
  private int streams = 32;

  @Option(names = "--rate", description = "Updates per second, all together (${DEFAULT-VALUE}).")
  private double rate = 3_000;

  @Option(names = "--warm-up", description = "Seconds before it is measured (${DEFAULT-VALUE}).")
  private int warmUp = 3;

  @Option(names = "--seconds", description = "Seconds that are measured (${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(
      names = "--burst",
      description = "Every tenth second so many times the rate (${DEFAULT-VALUE}: an even load).")
  private double burst = 1;

  @Option(names = "--gray-share", description = "Share of the orders that are gray, 0 to 1.")
  private double grayShare;

  @Option(
      names = "--slow-consumer",
      paramLabel = "ACKS",
      description = "The first stream reads so many acks per second and no more.")
  private int slowConsumer;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there too.")
  private Path json;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    validate();
    LoadSettings settings =
        new LoadSettings(
            port, streams, rate, warmUp, seconds, burst, grayShare, Math.max(0, slowConsumer));
    try (Attachment attachment = process.attach("order-sync-load");
        LoadDriver driver = new LoadDriver(attachment, settings)) {
      LoadResult result = driver.run(line -> System.out.println("load: " + line));
      System.out.println(result.table());
      if (json != null) {
        Files.writeString(json, result.json() + "\n");
      }
      System.out.printf(
          Locale.ROOT,
          "load: streams=%d offered=%d acked=%d again=%d behind=%d broken=%d msg_per_s=%.0f"
              + " p50_ms=%.1f p99_ms=%.1f max_ms=%.1f%n",
          streams,
          result.offered(),
          result.acked(),
          result.again(),
          result.behind(),
          result.broken(),
          result.perSecond(),
          result.millis(50),
          result.millis(99),
          result.millis(100));
      return result.acked() > 0 && result.broken() == 0 ? 0 : 1;
    } catch (IOException e) {
      throw new CommandFailure("cannot write " + json + ": " + e.getMessage(), e);
    }
  }

  private void validate() throws CommandFailure {
    ProcessOptions.port("--port", port);
    if (streams < 1 || seconds < 1) {
      throw new CommandFailure("--streams and --seconds must be at least 1");
    }
    if (!(rate > 0) || rate > 1e6) {
      throw new CommandFailure("--rate must be above 0 and at most 1000000, not " + rate);
    }
    if (warmUp < 0 || slowConsumer < 0) {
      throw new CommandFailure("--warm-up and --slow-consumer must not be negative");
    }
    if (!(burst >= 1 && burst <= 100)) {
      throw new CommandFailure("--burst must be between 1 and 100, not " + burst);
    }
    if (!(grayShare >= 0 && grayShare <= 1)) {
      throw new CommandFailure("--gray-share must be between 0 and 1, not " + grayShare);
    }
    if (json != null
        && json.toAbsolutePath().getParent() != null
        && !Files.isDirectory(json.toAbsolutePath().getParent())) {
      throw new CommandFailure("no directory for " + json);
    }
  }
}
