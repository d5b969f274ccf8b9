package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.fulfilment.FulfilmentServer;
import io.streamgauge.ordersync.store.JdbcOrderStore;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.nio.file.Path;
import java.util.function.Supplier;

/** A server with the database {@code orders.db} of a directory and one fulfilment instance. */
public final class ServerRig implements AutoCloseable {

  private final FulfilmentServer fulfilment;
  private final OrderSyncServer server;

  private ServerRig(FulfilmentServer fulfilment, OrderSyncServer server) {
    this.fulfilment = fulfilment;
    this.server = server;
  }

  /** Starts both; port 0 is a free one, tokens null let every client in. */
  public static ServerRig start(
      Attachment attachment, Path directory, int port, Supplier<FlowLimits> limits, Path tokens)
      throws Exception {
    return start(
        attachment,
        JdbcOrderStore.open(directory.resolve("orders.db").toString()),
        port,
        limits,
        tokens);
  }

  /** The same with a store of the test's own. */
  public static ServerRig start(
      Attachment attachment, OrderStore store, int port, Supplier<FlowLimits> limits, Path tokens)
      throws Exception {
    FulfilmentServer fulfilment = new FulfilmentServer(attachment, "stable", 0, 0);
    fulfilment.start();
    OrderSyncServer server =
        new OrderSyncServer(
            attachment,
            store,
            new SyncTotals(),
            new OrderSyncServer.Settings(
                port, 0, fulfilment.port(), fulfilment.port(), limits, tokens, Steps.NONE));
    server.start();
    return new ServerRig(fulfilment, server);
  }

  public OrderSyncServer server() {
    return server;
  }

  @Override
  public void close() {
    server.close();
    fulfilment.close();
  }
}
