package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.load.Capacity;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what the toolkit costs the service. */
@Command(
    name = "capacity",
    mixinStandardHelpOptions = true,
    description =
        "Runs the same load at a server with everything on and at one with the toolkit off, in"
            + " turns, and reports rates, CPU per message and their ratios.")
final class CapacityCommand implements Callable<Integer> {

  @Mixin private ProcessOptions process;

  @Option(names = "--streams", description = "Clients, one stream each (${DEFAULT-VALUE}).")
  private int streams = 32;

  @Option(
      names = "--rate",
      description = "Updates per second that are offered, all together (${DEFAULT-VALUE}).")
  private double rate = 10_000;

  @Option(names = "--seconds", description = "Seconds a measurement lasts (${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(names = "--rounds", description = "Measurements of each server (${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    if (streams < 1 || seconds < 1 || rounds < 1) {
      throw new CommandFailure("--streams, --seconds and --rounds must be at least 1");
    }
    if (!(rate > 0) || rate > 1e6) {
      throw new CommandFailure("--rate must be above 0 and at most 1000000, not " + rate);
    }
    try (Attachment attachment = process.attach("order-sync-load")) {
      Capacity.Result result =
          new Capacity(
                  attachment,
                  streams,
                  rate,
                  seconds,
                  rounds,
                  line -> System.out.println("capacity: " + line))
              .run();
      System.out.println("capacity: " + result.line());
      return 0;
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
