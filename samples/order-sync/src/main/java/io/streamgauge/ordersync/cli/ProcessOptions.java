package io.streamgauge.ordersync.cli;

import io.prometheus.client.CollectorRegistry;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.telemetry.Telemetry;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Option;

/** What every process of the system takes, and how it waits for its end. */
final class ProcessOptions {

  @Option(
      names = "--console-port",
      description = "Port of /metrics and /api/streams on 127.0.0.1; 0 takes a free one.")
  int consolePort;

  @Option(
      names = "--otlp",
      paramLabel = "URL",
      description =
          "Where spans go, for example http://127.0.0.1:9470; if left out, they are not exported.")
  String otlp;

  @Option(
      names = "--exit-with-parent",
      description = "Stop when standard input ends, as it does when the starting process dies.")
  boolean exitWithParent;

  @Option(
      names = "--observed-from-outside",
      description = "Register nothing: an agent is attached; ports and URLs are its business.")
  private boolean observedFromOutside;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Refuses what is no port. */
  static void port(String option, int port) throws CommandFailure {
    if (port < 0 || port > 65_535) {
      throw new CommandFailure(option + " must be between 0 and 65535, not " + port);
    }
  }

  /** Refuses what cannot be read as a file; null is no file. */
  static void tokenFile(Path file) throws CommandFailure {
    if (file != null && (!Files.isReadable(file) || Files.isDirectory(file))) {
      throw new CommandFailure("--token-file: cannot read the token file " + file);
    }
  }

  Attachment attach(String service) throws CommandFailure {
    port("--console-port", consolePort);
    if (observedFromOutside) {
      return Attachment.FROM_OUTSIDE;
    }
    try {
      return Telemetry.start(service, otlp, consolePort);
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  /** Returns when the process is asked to stop: by signal, or by the end of standard input. */
  void awaitStop() throws InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "stop"));
    if (exitWithParent) {
      Thread watch = new Thread(this::watchParent, "parent-watch");
      watch.setDaemon(true);
      watch.start();
    }
    stop.await();
  }

  /**
   * Messages of the streams of order-sync, as the toolkit in this process has counted them; 0 where
   * it is an agent's.
   */
  long counted(String metric) {
    double sum = 0;
    for (var samples = CollectorRegistry.defaultRegistry.metricFamilySamples();
        samples.hasMoreElements(); ) {
      for (var sample : samples.nextElement().samples) {
        boolean ours = sample.labelValues.contains(OrderSyncGrpc.SERVICE_NAME);
        sum += sample.name.equals(metric) && ours ? sample.value : 0;
      }
    }
    return (long) sum;
  }

  /** Call last: lets a shutdown that waits for an orderly end go on. */
  void stopped() {
    stopped.countDown();
  }

  private void stopAndWait() {
    stop.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watchParent() {
    try {
      while (System.in.read() >= 0) {
        // Only the end of the stream matters.
      }
    } catch (IOException e) {
      // A broken pipe is an end as well.
    }
    stop.countDown();
  }
}
