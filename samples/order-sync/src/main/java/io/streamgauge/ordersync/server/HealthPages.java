package io.streamgauge.ordersync.server;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * For those who ask over HTTP: {@code /healthz} (the process works), {@code /readyz} (it may get
 * more streams), {@code /streams} (whose streams are open) and {@code DELETE /streams/CLIENT}. On
 * 127.0.0.1 only, and only under a loopback name: a page of a foreign site can make a browser send
 * requests here, but not with such a Host. The streams need the token that a stream needs.
 */
final class HealthPages implements AutoCloseable {

  private static final String STREAMS = "/streams";

  private record Answer(int status, String text) {}

  private interface Page {
    Answer get(String method, String path);
  }

  private final HttpServer http;
  private final ExecutorService threads;
  private final TokenGate tokens;

  /**
   * Opens the port.
   *
   * @param tokens asked before streams are shown or ended; null lets every local caller do so
   */
  HealthPages(int port, Readiness readiness, StreamRegistry registry, TokenGate tokens)
      throws IOException {
    this.tokens = tokens;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
    threads =
        Executors.newFixedThreadPool(
            2,
            task -> {
              Thread thread = new Thread(task, "health-pages");
              thread.setDaemon(true);
              return thread;
            });
    http.setExecutor(threads);
    serve("/healthz", (method, path) -> onlyGet(method, new Answer(200, "ok")));
    serve(
        "/readyz",
        (method, path) -> {
          String hint = readiness.hindrance();
          return onlyGet(method, hint == null ? new Answer(200, "ready") : new Answer(503, hint));
        });
    serve(STREAMS, (method, path) -> streams(registry, method, path));
    serve("/", (method, path) -> new Answer(404, "no such page"));
    http.start();
  }

  private static Answer onlyGet(String method, Answer answer) {
    return method.equals("GET") || method.equals("HEAD")
        ? answer
        : new Answer(405, "only GET here");
  }

  private static Answer streams(StreamRegistry registry, String method, String path) {
    if (path.equals(STREAMS)) {
      return onlyGet(method, new Answer(200, String.join("\n", registry.clients())));
    }
    if (!method.equals("DELETE")) {
      return new Answer(405, "only DELETE here");
    }
    return registry.cancel(path.substring(STREAMS.length() + 1))
        ? new Answer(200, "cancelled")
        : new Answer(404, "this client has no stream");
  }

  private void serve(String path, Page page) {
    http.createContext(
        path,
        exchange -> {
          String asked = exchange.getRequestURI().getPath();
          boolean streams = path.equals(STREAMS);
          Answer refusal = refusal(exchange.getRequestHeaders(), streams);
          if (refusal != null) {
            send(exchange, refusal);
          } else if (asked.equals(path) || (streams && asked.startsWith(path + "/"))) {
            send(exchange, page.get(exchange.getRequestMethod(), asked));
          } else {
            send(exchange, new Answer(404, "no such page"));
          }
        });
  }

  /** Why a request is not served, or null if it is. */
  private Answer refusal(Headers headers, boolean needsToken) {
    List<String> hosts = headers.getOrDefault("Host", List.of());
    if (hosts.size() != 1 || !isLoopback(hosts.get(0))) {
      return new Answer(403, "only served to a Host that is a loopback name or address");
    }
    Status status =
        needsToken && tokens != null ? tokens.refusal(headers.getFirst("Authorization")) : null;
    if (status == null) {
      return null;
    }
    int code = status.getCode() == Status.Code.UNAUTHENTICATED ? 401 : 503;
    return new Answer(code, status.getDescription());
  }

  /** Whether a Host header names this machine to itself, with any port or none; asks no DNS. */
  private static boolean isLoopback(String header) {
    try {
      String host = HostAndPort.fromString(header).getHost();
      return host.equalsIgnoreCase("localhost")
          || InetAddresses.forString(host).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      byte[] body = (answer.text() + "\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
      if (answer.status() == 401) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  int port() {
    return http.getAddress().getPort();
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
