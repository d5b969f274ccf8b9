package io.streamgauge.ordersync.fulfilment;

import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.telemetry.CallerFaults;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One instance of the second hop. */
public final class FulfilmentServer implements AutoCloseable {

  private static final long STOP_SECONDS = 10;

  private final HealthStatusManager health = new HealthStatusManager();
  private final FulfilmentService service;
  private final Server server;

  /**
   * Prepares an instance.
   *
   * @param instance its name, returned in every receipt
   * @param failShare share of notices that fail with INTERNAL, 0 to 1
   */
  public FulfilmentServer(Attachment attachment, String instance, double failShare, int port) {
    this(attachment, instance, failShare, port, Duration.ZERO, Integer.MAX_VALUE);
  }

  /**
   * Prepares an instance that is slow.
   *
   * @param handling how long it takes over a notice
   * @param calls how many calls it takes at a time on one connection
   */
  public FulfilmentServer(
      Attachment attachment,
      String instance,
      double failShare,
      int port,
      Duration handling,
      int calls) {
    CallerFaults.install();
    service = new FulfilmentService(attachment, instance, failShare, handling);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .maxConcurrentCallsPerConnection(calls)
            .addService(service)
            .addService(health.getHealthService());
    attachment.install(builder);
    attachment.preregister(FulfilmentGrpc.getServiceDescriptor());
    server = builder.build();
  }

  /**
   * Opens the port and says so through grpc.health.
   *
   * @throws IOException if the port is taken
   */
  public void start() throws IOException {
    server.start();
    health.setStatus("", ServingStatus.SERVING);
  }

  public int port() {
    return server.getPort();
  }

  /** What was received, for the closing line. */
  public String totals() {
    return service.totals();
  }

  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdown();
    try {
      server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.shutdownNow();
    CallerFaults.flush();
  }
}
