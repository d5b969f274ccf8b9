package io.streamgauge.ordersync.server;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.streamgauge.ordersync.domain.LamportClock;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.telemetry.CallerFaults;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import io.streamgauge.routing.GrayLoadBalancerProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The order-sync server: store, writer, the channel to fulfilment and the endpoints. */
public final class OrderSyncServer implements AutoCloseable {

  /**
   * How it is run.
   *
   * @param port gRPC port on 127.0.0.1, 0 for a free one
   * @param healthPort of {@code /healthz} and {@code /readyz}; 0 for a free one
   * @param stablePort of the stable fulfilment instance
   * @param grayPort of the gray one
   * @param limits may change while it runs
   * @param tokens file of bearer tokens, one a line, for clients and for {@code /streams}; null
   *     lets every client in
   * @param steps where to die, for tests of durability
   */
  public record Settings(
      int port,
      int healthPort,
      int stablePort,
      int grayPort,
      Supplier<FlowLimits> limits,
      Path tokens,
      Steps steps) {

    public Settings(int port, int stablePort, int grayPort) {
      this(port, 0, stablePort, grayPort, () -> FlowLimits.DEFAULT, null, Steps.NONE);
    }
  }

  /** Streams that want to end by themselves have so long. */
  private static final long GRACE_SECONDS = 2;

  private static final long STOP_SECONDS = 10;

  /** An update is far below this, its metadata included. */
  private static final int MAX_MESSAGE = 64 * 1024;

  private static final int MAX_STREAMS_A_CONNECTION = 1_000;
  private static final int MAX_RESETS = 500;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final long PING_SECONDS = 10;
  private static final long PONG_SECONDS = 5;
  private static final long EXPIRE_MILLIS = 50;
  private static final long LOAD_SECONDS = 1;
  private static final long ADOPT_SECONDS = 30;

  private final OrderStore store;
  private final OrderWriter writer;
  private final ShipmentOutbox outbox;
  private final ManagedChannel fulfilment;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Lifecycle lifecycle = new Lifecycle();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "order-timer"));
  private final Server server;
  private final StreamRegistry registry;
  private final Readiness readiness;
  private final int healthPort;
  private final TokenGate tokens;
  private HealthPages pages;

  public OrderSyncServer(
      Attachment attachment, OrderStore store, SyncTotals totals, Settings settings) {
    CallerFaults.install();
    this.store = store;
    this.healthPort = settings.healthPort();
    this.writer = new OrderWriter(store, settings.limits());
    this.registry = new StreamRegistry(settings.limits());
    this.readiness = new Readiness(lifecycle, attachment, registry, writer, settings.limits());
    this.fulfilment = fulfilment(attachment, settings.stablePort(), settings.grayPort());
    this.outbox =
        new ShipmentOutbox(
            new FulfilmentPort("stable", fulfilment),
            new FulfilmentPort("gray", fulfilment),
            writer,
            attachment,
            totals,
            settings.steps(),
            timer);
    SyncStream.Surroundings surroundings =
        new SyncStream.Surroundings(
            writer,
            outbox,
            registry,
            settings.limits(),
            new LamportClock(),
            attachment,
            totals,
            settings.steps());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()))
            .addService(new SyncService(surroundings))
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    this.tokens = settings.tokens() == null ? null : new TokenGate(settings.tokens());
    if (tokens != null) {
      builder.intercept(tokens);
    }
    builder
        .intercept(lifecycle)
        .maxInboundMessageSize(MAX_MESSAGE)
        .maxConcurrentCallsPerConnection(MAX_STREAMS_A_CONNECTION)
        // CVE-2023-44487 and CVE-2025-55163: a client that opens and resets without end.
        .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
        .permitKeepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
        .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(PONG_SECONDS, TimeUnit.SECONDS);
    attachment.install(builder);
    attachment.preregister(
        OrderSyncGrpc.getServiceDescriptor(), FulfilmentGrpc.getServiceDescriptor());
    this.server = builder.build();
    depths();
  }

  private void depths() {
    ServerMetrics.depth(
        "ordersync_backlog_depth",
        "Updates that wait to be written; at most the high mark.",
        () -> writer.backlog().depth());
    ServerMetrics.depth(
        "ordersync_backlog_waiting",
        "Updates that wait outside of a full backlog.",
        () -> writer.backlog().waiting());
    ServerMetrics.depth(
        "ordersync_outbox_depth",
        "Shipments in memory of which fulfilment has not been told.",
        outbox::depth);
    ServerMetrics.depth("ordersync_streams", "Streams that are open.", registry::size);
  }

  /**
   * One channel: an order's tag chooses the instance, and the stable one stands in for the gray.
   */
  private static ManagedChannel fulfilment(Attachment attachment, int stablePort, int grayPort) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget(
                "lane:///fulfilment?baseline=127.0.0.1:"
                    + stablePort
                    + "&"
                    + Attachment.GRAY
                    + "=127.0.0.1:"
                    + grayPort)
            .defaultLoadBalancingPolicy(GrayLoadBalancerProvider.POLICY)
            .usePlaintext();
    attachment.install(builder);
    return builder.build();
  }

  /**
   * Opens the ports and says so through grpc.health.
   *
   * @throws IOException if a port is taken
   */
  public void start() throws IOException {
    writer.start();
    server.start();
    pages = new HealthPages(healthPort, readiness, registry, tokens);
    outbox.load();
    every(EXPIRE_MILLIS, TimeUnit.MILLISECONDS, () -> writer.backlog().expire());
    every(LOAD_SECONDS, TimeUnit.SECONDS, outbox::loadIfRoom);
    // What an instance has left behind that does not come back.
    every(ADOPT_SECONDS, TimeUnit.SECONDS, outbox::adopt);
    every(1, TimeUnit.SECONDS, this::readiness);
    health.setStatus("", ServingStatus.SERVING);
    health.setStatus(OrderSyncGrpc.SERVICE_NAME, ServingStatus.SERVING);
  }

  private void every(long period, TimeUnit unit, Runnable task) {
    var unused = timer.scheduleAtFixedRate(() -> guarded(task), period, period, unit);
  }

  /** A task that throws would not be run again, and readiness would stay as it is. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      System.getLogger("ordersync").log(System.Logger.Level.ERROR, "a task of the timer failed", e);
    }
  }

  /** Balancers that ask over gRPC hear of the service what /readyz says. */
  private void readiness() {
    health.setStatus(
        OrderSyncGrpc.SERVICE_NAME,
        readiness.hindrance() == null ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  public int port() {
    return server.getPort();
  }

  /** Of {@code /healthz}, {@code /readyz} and {@code /streams}. */
  public int healthPort() {
    return pages.port();
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
      if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        registry.leave();
      }
      if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        lifecycle.enter(Lifecycle.State.CLOSING);
        server.shutdownNow();
        server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
      }
      lifecycle.enter(Lifecycle.State.CLOSING);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
      // What is not told by then is told by the next process.
      while ((writer.backlog().depth() > 0 || outbox.depth() > 0) && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      timer.shutdownNow();
      writer.close();
      fulfilment.shutdown();
      fulfilment.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    fulfilment.shutdownNow();
    store.close();
    if (pages != null) {
      pages.close();
    }
    CallerFaults.flush();
    lifecycle.enter(Lifecycle.State.CLOSED);
  }
}
