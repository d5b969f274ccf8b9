package io.streamgauge.ordersync.server;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The order-sync server: store, writer, two channels to fulfilment and the gRPC endpoint. */
public final class OrderSyncServer implements AutoCloseable {

  private static final long STOP_SECONDS = 10;

  /** An update is far below this, its metadata included. */
  private static final int MAX_MESSAGE = 64 * 1024;

  private static final int MAX_STREAMS = 1_000;
  private static final int MAX_RESETS = 500;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final long PING_SECONDS = 10;
  private static final long PONG_SECONDS = 5;

  private final OrderStore store;
  private final OrderWriter writer;
  private final ManagedChannel stable;
  private final ManagedChannel gray;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Lifecycle lifecycle = new Lifecycle();
  private final Server server;

  public OrderSyncServer(
      Attachment attachment,
      OrderStore store,
      SyncTotals totals,
      int port,
      int stablePort,
      int grayPort) {
    this.store = store;
    this.writer = new OrderWriter(store);
    this.stable = channel(attachment, stablePort);
    this.gray = channel(attachment, grayPort);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(
                new SyncService(
                    attachment, writer, new ShipmentNotifier(stable, gray, totals), totals))
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .intercept(lifecycle)
            .maxInboundMessageSize(MAX_MESSAGE)
            .maxConcurrentCallsPerConnection(MAX_STREAMS)
            // CVE-2023-44487 and CVE-2025-55163: a client that opens and resets without end.
            .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
            .permitKeepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PONG_SECONDS, TimeUnit.SECONDS);
    attachment.install(builder);
    attachment.preregister(
        OrderSyncGrpc.getServiceDescriptor(), FulfilmentGrpc.getServiceDescriptor());
    this.server = builder.build();
  }

  private static ManagedChannel channel(Attachment attachment, int port) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .usePlaintext();
    attachment.install(builder);
    return builder.build();
  }

  /**
   * Opens the port and says so through grpc.health.
   *
   * @throws IOException if the port is taken
   */
  public void start() throws IOException {
    writer.start();
    server.start();
    health.setStatus("", ServingStatus.SERVING);
    health.setStatus(OrderSyncGrpc.SERVICE_NAME, ServingStatus.SERVING);
  }

  public int port() {
    return server.getPort();
  }

  /** Lets open streams end for a while, then ends them; commits what was received. */
  @Override
  public void close() {
    if (lifecycle.state() != Lifecycle.State.ACTIVE) {
      return;
    }
    lifecycle.enter(Lifecycle.State.DRAINING);
    health.enterTerminalState();
    server.shutdown();
    try {
      if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        lifecycle.enter(Lifecycle.State.CLOSING);
        server.shutdownNow();
        server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
      }
      lifecycle.enter(Lifecycle.State.CLOSING);
      writer.close();
      stable.shutdown();
      gray.shutdown();
      stable.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
      gray.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stable.shutdownNow();
    gray.shutdownNow();
    store.close();
    lifecycle.enter(Lifecycle.State.CLOSED);
  }
}
