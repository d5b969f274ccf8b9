package io.streamgauge.ordersync.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * For those who ask over HTTP: {@code /healthz} (the process works), {@code /readyz} (it may get
 * more streams), {@code /streams} (whose streams are open) and {@code DELETE /streams/CLIENT}. On
 * 127.0.0.1 only.
 */
final class HealthPages implements AutoCloseable {

  private static final String STREAMS = "/streams";

  private record Answer(int status, String text) {}

  private interface Page {
    Answer get(String method, String path);
  }

  private final HttpServer http;
  private final ExecutorService threads;

  HealthPages(int port, Readiness readiness, StreamRegistry registry) throws IOException {
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
    http.createContext("/", exchange -> send(exchange, new Answer(404, "no such page")));
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
    String client = URLDecoder.decode(path.substring(STREAMS.length() + 1), StandardCharsets.UTF_8);
    return registry.cancel(client)
        ? new Answer(200, "cancelled")
        : new Answer(404, "this client has no stream");
  }

  private void serve(String path, Page page) {
    http.createContext(
        path,
        exchange -> {
          String asked = exchange.getRequestURI().getRawPath();
          boolean below = asked.startsWith(path + "/") && path.equals(STREAMS);
          send(
              exchange,
              asked.equals(path) || below
                  ? page.get(exchange.getRequestMethod(), asked)
                  : new Answer(404, "no such page"));
        });
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      byte[] body = (answer.text() + "\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
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
