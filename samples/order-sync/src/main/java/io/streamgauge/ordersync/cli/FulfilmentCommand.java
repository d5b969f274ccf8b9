package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.fulfilment.FulfilmentServer;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs one fulfilment instance. */
@Command(
    name = "fulfilment",
    mixinStandardHelpOptions = true,
    description = "Takes shipment notices; the second hop.")
final class FulfilmentCommand implements Callable<Integer> {

  @Mixin private ProcessOptions process;

  @Option(names = "--port", description = "gRPC port on 127.0.0.1 (default: ${DEFAULT-VALUE}).")
  private int port = 9481;

  @Option(names = "--instance", description = "Name of the instance (${DEFAULT-VALUE}).")
  private String instance = "stable";

  @Option(
      names = "--fail-share",
      description = "Share of notices that fail with INTERNAL, 0 to 1 (${DEFAULT-VALUE}).")
  private double failShare;

  @Option(
      names = "--handling-millis",
      description = "How long it takes over a notice, milliseconds (${DEFAULT-VALUE}).")
  private int handlingMillis;

  @Option(
      names = "--max-calls",
      description = "Calls it takes at a time on one connection; no limit by default.")
  private int maxCalls = Integer.MAX_VALUE;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    if (!(failShare >= 0 && failShare <= 1)) {
      throw new CommandFailure("--fail-share must be between 0 and 1, not " + failShare);
    }
    if (handlingMillis < 0 || maxCalls < 1) {
      throw new CommandFailure("--handling-millis must be at least 0 and --max-calls at least 1");
    }
    ProcessOptions.port("--port", port);
    try {
      String totals = serve();
      System.out.println("fulfilment-" + instance + ": " + totals);
      return 0;
    } catch (IOException e) {
      throw new CommandFailure("port " + port + " cannot be used: " + e.getMessage(), e);
    } finally {
      process.stopped();
    }
  }

  /** Until it is asked to stop; then what it received. */
  private String serve() throws CommandFailure, InterruptedException, IOException {
    FulfilmentServer served;
    try (Attachment attachment = process.attach("fulfilment-" + instance);
        FulfilmentServer server =
            new FulfilmentServer(
                attachment,
                instance,
                failShare,
                port,
                Duration.ofMillis(handlingMillis),
                maxCalls)) {
      served = server;
      server.start();
      System.out.println("fulfilment " + instance + ": gRPC on 127.0.0.1:" + server.port());
      process.awaitStop();
    }
    return served.totals();
  }
}
