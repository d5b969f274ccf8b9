package io.streamgauge.console;

import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import io.streamgauge.console.live.LiveConsole;
import io.streamgauge.console.live.LiveSource;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Collections;
import java.util.Objects;

/**
 * Serves one gauge over HTTP: the live page at {@code /}, {@code /metrics} (Prometheus text or
 * OpenMetrics, by the Accept header), {@code /api/streams} (the open streams as JSON), {@code
 * /events} and {@code /healthz}. Loopback unless told; reads views only, so it never slows a
 * stream.
 */
public final class Console implements AutoCloseable {

  private final ConsoleServer server;

  private final LiveConsole live;

  private Console(ConsoleServer server, LiveConsole live) {
    this.server = server;
    this.live = live;
  }

  public static Builder builder(Streamgauge gauge) {
    return new Builder(Objects.requireNonNull(gauge, "gauge"));
  }

  /** Starts serving, on daemon threads. */
  public Console start() {
    server.start();
    live.start();
    return this;
  }

  /** The port it listens on; the chosen one if it was built with 0. */
  public int port() {
    return server.port();
  }

  /** Answers what is under way, for at most a second, and closes the port. */
  public void stop() {
    live.close();
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
    private InetAddress host;
    private String token;
    private String traces = "";

    private Builder(Streamgauge gauge) {
      this.gauge = gauge;
    }

    /** TCP port on the loopback address; 0, the default, takes a free one. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /**
     * Another address to listen on than loopback; asks for a {@link #token}, since a client that
     * reaches it sees methods, tags and trace ids.
     */
    public Builder host(InetAddress host) {
      this.host = Objects.requireNonNull(host, "host");
      return this;
    }

    /** What every request for data must show as {@code Authorization: Bearer}. */
    public Builder token(String token) {
      if (token == null || !token.matches("[!-~]+")) {
        throw new IllegalArgumentException(
            "token must be visible ASCII characters, without blanks");
      }
      this.token = token;
      return this;
    }

    /** Where a trace is shown, as the URL before its id, for the page's links; none unless set. */
    public Builder traces(String url) {
      this.traces = Objects.requireNonNull(url, "url");
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
     * @throws IllegalStateException if the host is not loopback and there is no token
     */
    public Console build() throws IOException {
      InetAddress address =
          host == null ? InetAddress.getByAddress(new byte[] {127, 0, 0, 1}) : host;
      if (!address.isLoopbackAddress() && token == null) {
        throw new IllegalStateException("host " + address + " is not loopback and needs a token");
      }
      ConsoleServer server = new ConsoleServer(address, port, token);
      server.get("/metrics", new ConsoleMetrics(registry));
      server.get("/api/streams", new ConsoleStreams(gauge));
      server.open("/healthz", exchange -> ConsoleReply.text(exchange, 200, "ok\n"));
      LiveSource own = new ConsoleSource(gauge);
      return new Console(server, new LiveConsole(server, Collections.singletonList(own), traces));
    }
  }
}
