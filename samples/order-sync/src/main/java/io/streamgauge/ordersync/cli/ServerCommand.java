package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.server.OrderSyncServer;
import io.streamgauge.ordersync.server.SyncTotals;
import io.streamgauge.ordersync.store.SqliteOrderStore;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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

  @Option(names = "--database", required = true, description = "SQLite file; made if missing.")
  private Path database;

  @Option(names = "--fulfilment", description = "Port of the stable instance (${DEFAULT-VALUE}).")
  private int stablePort = 9481;

  @Option(names = "--fulfilment-gray", description = "Port of the gray one (${DEFAULT-VALUE}).")
  private int grayPort = 9482;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    ProcessOptions.port("--port", port);
    ProcessOptions.port("--fulfilment", stablePort);
    ProcessOptions.port("--fulfilment-gray", grayPort);
    try {
      SyncTotals totals = serve();
      System.out.println("server: " + totals);
      return 0;
    } catch (StoreException e) {
      throw new CommandFailure(e.getMessage(), e);
    } catch (IOException e) {
      throw new CommandFailure("port " + port + " cannot be used: " + e.getMessage(), e);
    } finally {
      process.stopped();
    }
  }

  /** Until it is asked to stop, and everything in hand is done. */
  private SyncTotals serve()
      throws CommandFailure, InterruptedException, StoreException, IOException {
    SyncTotals totals = new SyncTotals();
    try (Attachment attachment = process.attach("order-sync-server");
        OrderSyncServer server =
            new OrderSyncServer(
                attachment, SqliteOrderStore.open(database), totals, port, stablePort, grayPort)) {
      server.start();
      System.out.println("server: gRPC on 127.0.0.1:" + server.port());
      process.awaitStop();
    }
    return totals;
  }
}
