package io.streamgauge.console;

import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import java.io.IOException;
import java.util.Objects;

/**
 * Serves one gauge over HTTP: {@code /metrics} (Prometheus text or OpenMetrics, by the Accept
 * header), {@code /api/streams} (the open streams as JSON) and {@code /healthz}. Loopback unless
 * told; reads views only, so it never slows a stream.
 */
public final class Console implements AutoCloseable {

  private final ConsoleServer server;

  private Console(ConsoleServer server) {
    this.server = server;
  }

  public static Builder builder(Streamgauge gauge) {
    return new Builder(Objects.requireNonNull(gauge, "gauge"));
  }

  /** Starts serving, on daemon threads. */
  public Console start() {
    server.start();
    return this;
  }

  /** The port it listens on; the chosen one if it was built with 0. */
  public int port() {
    return server.port();
  }

  /** Answers what is under way, for at most a second, and closes the port. */
  public void stop() {
    server.stop();
  }

  @Override
  public void close() {
    stop();
  }

  /** Collects what a console is made of. */
  public static final class Builder {

    private final Streamgauge gauge;
    private CollectorRegistry registry = CollectorRegistry.defaultRegistry;
    private int port;

    private Builder(Streamgauge gauge) {
      this.gauge = gauge;
    }

    /** TCP port on the loopback address; 0, the default, takes a free one. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /** What {@code /metrics} shows; simpleclient's default registry unless set. */
    public Builder registry(CollectorRegistry registry) {
      this.registry = Objects.requireNonNull(registry, "registry");
      return this;
    }

    /**
     * Takes the port; {@link Console#start()} serves it.
     *
     * @throws IOException if the port is taken
     */
    public Console build() throws IOException {
      ConsoleServer server = new ConsoleServer(port);
      server.get("/metrics", new ConsoleMetrics(registry));
      server.get("/api/streams", new ConsoleStreams(gauge));
      server.get("/healthz", exchange -> ConsoleReply.text(exchange, 200, "ok\n"));
      return new Console(server);
    }
  }
}
