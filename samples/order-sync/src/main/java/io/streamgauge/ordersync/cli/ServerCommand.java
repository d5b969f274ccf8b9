package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.server.OrderSyncServer;
import io.streamgauge.ordersync.server.ServerLimits;
import io.streamgauge.ordersync.server.Steps;
import io.streamgauge.ordersync.server.SyncTotals;
import io.streamgauge.ordersync.store.JdbcOrderStore;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the order-sync server. */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    description = "Stores order updates and acknowledges them once they are durable.")
final class ServerCommand implements Callable<Integer> {

  @Mixin private ProcessOptions process;

  @Option(names = "--port", description = "gRPC port on 127.0.0.1 (default: ${DEFAULT-VALUE}).")
  private int port = 9480;

  @Option(
      names = "--health-port",
      description = "Port of /healthz, /readyz and /streams on 127.0.0.1; 0 takes a free one.")
  private int healthPort;

  @Option(
      names = "--database",
      required = true,
      paramLabel = "FILE|URL",
      description =
          "SQLite file, made if missing, or a JDBC URL: jdbc:postgresql://… lets several servers"
              + " share one database.")
  private String database;

  @Option(names = "--fulfilment", description = "Port of the stable instance (${DEFAULT-VALUE}).")
  private int stablePort = 9481;

  @Option(names = "--fulfilment-gray", description = "Port of the gray one (${DEFAULT-VALUE}).")
  private int grayPort = 9482;

  @Option(
      names = "--limits",
      paramLabel = "FILE",
      description = "Properties file of limits, marks and policy; watched while the server runs.")
  private Path limits;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Bearer tokens that clients must show, one a line; read for each new stream.")
  private Path tokens;

  @Option(names = "--die-at", paramLabel = "STEP", hidden = true)
  private String dieAt;

  @Option(names = "--die-after", hidden = true)
  private int dieAfter = 1_000;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    ProcessOptions.port("--port", port);
    ProcessOptions.port("--health-port", healthPort);
    ProcessOptions.port("--fulfilment", stablePort);
    ProcessOptions.port("--fulfilment-gray", grayPort);
    ProcessOptions.tokenFile(tokens);
    String known = "jdbc:(sqlite|postgresql):.*";
    if (database.startsWith("jdbc:") && !database.matches(known)) {
      throw new CommandFailure(
          "--database must be a file or begin with jdbc:sqlite: or jdbc:postgresql:, not "
              + JdbcOrderStore.name(database));
    }
    if (!JdbcOrderStore.isKept(database)) {
      throw new CommandFailure(
          "--database must name a database that outlives the process, not " + database);
    }
    try {
      System.out.println("server: " + serve());
      return 0;
    } catch (StoreException e) {
      throw new CommandFailure(e.getMessage(), e);
    } catch (IOException e) {
      throw new CommandFailure("port " + port + " cannot be used: " + e.getMessage(), e);
    } finally {
      process.stopped();
    }
  }

  /** Until it is asked to stop, and everything in hand is done; then what it did. */
  private String serve() throws CommandFailure, InterruptedException, StoreException, IOException {
    SyncTotals totals = new SyncTotals();
    Steps steps = steps();
    Supplier<FlowLimits> flow = limits();
    try (Attachment attachment = process.attach("order-sync-server")) {
      OrderStore store =
          JdbcOrderStore.open(
              database,
              () -> steps.at(Steps.Step.BEFORE_COMMIT),
              () -> steps.at(Steps.Step.AFTER_COMMIT));
      try (OrderSyncServer server =
          new OrderSyncServer(
              attachment,
              store,
              totals,
              new OrderSyncServer.Settings(
                  port, healthPort, stablePort, grayPort, flow, tokens, steps))) {
        server.start();
        System.out.println(
            "server: gRPC on 127.0.0.1:"
                + server.port()
                + ", health on http://127.0.0.1:"
                + server.healthPort()
                + "/readyz");
        process.awaitStop();
      }
      return totals + " toolkit_received=" + process.counted("grpc_server_msg_received_total");
    }
  }

  private Supplier<FlowLimits> limits() throws CommandFailure {
    if (limits == null) {
      return () -> FlowLimits.DEFAULT;
    }
    try {
      return ServerLimits.watch(limits);
    } catch (IOException e) {
      throw new CommandFailure("cannot read the limits " + limits + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(limits + ": " + e.getMessage(), e);
    }
  }

  private Steps steps() throws CommandFailure {
    if (dieAt == null) {
      return Steps.NONE;
    }
    List<Steps.Step> all = List.of(Steps.Step.values());
    return all.stream()
        .filter(step -> step.label().equals(dieAt))
        .findFirst()
        .map(step -> new Steps(step, dieAfter))
        .orElseThrow(
            () ->
                new CommandFailure(
                    "--die-at must be one of "
                        + Arrays.toString(all.stream().map(Steps.Step::label).toArray())
                        + ", not "
                        + dieAt));
  }
}
