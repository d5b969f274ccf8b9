package io.streamgauge.javaagent.extension;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The JDK's server with one page; a class of its own, so that it costs nothing when off. */
final class ConsoleServer {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** More than one, or a request that never ends would be the last. */
  private static final int THREADS = 4;

  private final Gson gson = new Gson();

  void start(int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
      server.createContext("/", this::handle);
      server.setExecutor(
          Executors.newFixedThreadPool(
              THREADS,
              task -> {
                Thread thread = new Thread(task, "streamgauge-console");
                thread.setDaemon(true);
                return thread;
              }));
      server.start();
      logger.log(
          Level.INFO,
          "Streamgauge: open streams at http://127.0.0.1:{0}/api/streams",
          String.valueOf(server.getAddress().getPort()));
    } catch (IOException e) {
      logger.log(
          Level.WARNING,
          "Streamgauge: no console at streamgauge.console.port={0}: {1}",
          new Object[] {String.valueOf(port), e.getMessage()});
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      if (!isLocal(exchange.getRequestHeaders().getFirst("Host"))) {
        reply(exchange, 421, "{\"error\":\"this host is not served here\"}");
      } else if (!exchange.getRequestURI().getPath().equals("/api/streams")) {
        reply(exchange, 404, "{\"error\":\"only /api/streams is here\"}");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        reply(exchange, 405, "{\"error\":\"only GET\"}");
      } else {
        reply(exchange, 200, gson.toJson(ConsoleBeans.streams()));
      }
    } finally {
      exchange.close();
    }
  }

  /** A page elsewhere can make a browser send requests here, but not with our name as host. */
  private static boolean isLocal(String host) {
    if (host == null) {
      return true;
    }
    String name = host.startsWith("[") ? host : host.replaceFirst(":\\d+$", "");
    return name.equals("localhost") || name.equals("127.0.0.1") || name.startsWith("[::1]");
  }

  private static void reply(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }
}
