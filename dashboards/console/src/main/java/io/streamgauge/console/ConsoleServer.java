package io.streamgauge.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The JDK's HTTP server with our manners: loopback only, exact paths unless a prefix was
 * registered, GET only unless a receiver was, Host checked against DNS rebinding, and no handler's
 * fault ends the server.
 */
public final class ConsoleServer {

  private static final Logger logger = Logger.getLogger("io.streamgauge.console");

  private static final int THREADS = 8;

  /** Answers one request; whatever it throws becomes a 500. */
  public interface Handler {
    void handle(HttpExchange exchange) throws IOException;
  }

  private final HttpServer http;
  private final ExecutorService executor;
  private final Map<String, Handler> exact = new TreeMap<>();
  private final Map<String, Handler> prefixes = new TreeMap<>();
  private final Map<String, Handler> posts = new TreeMap<>();

  /**
   * Takes a port on the loopback address.
   *
   * @throws IOException if it is taken
   */
  public ConsoleServer(int port) throws IOException {
    http =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 50);
    AtomicInteger number = new AtomicInteger();
    executor =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "streamgauge-console-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    http.setExecutor(executor);
    http.createContext("/", this::dispatch);
  }

  public void get(String path, Handler handler) {
    exact.put(path, handler);
  }

  public void getUnder(String prefix, Handler handler) {
    prefixes.put(prefix, handler);
  }

  public void post(String path, Handler handler) {
    posts.put(path, handler);
  }

  public void start() {
    http.start();
  }

  public int port() {
    return http.getAddress().getPort();
  }

  public void stop() {
    http.stop(1);
    executor.shutdown();
  }

  private void dispatch(HttpExchange exchange) throws IOException {
    try {
      Headers headers = exchange.getResponseHeaders();
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Cache-Control", "no-store");
      if (!isLocal(exchange.getRequestHeaders().getFirst("Host"))) {
        ConsoleReply.text(exchange, 421, "this host is not served here\n");
        return;
      }
      route(exchange);
    } catch (IOException | RuntimeException e) {
      logger.log(Level.FINE, "request failed", e);
      if (exchange.getResponseCode() == -1) {
        ConsoleReply.text(exchange, 500, "internal error\n");
      }
    } finally {
      exchange.close();
    }
  }

  private void route(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    Handler post = posts.get(path);
    if (post != null && method.equals("POST")) {
      post.handle(exchange);
      return;
    }
    Handler handler = find(path);
    if (handler == null && post == null) {
      ConsoleReply.text(exchange, 404, "no such path\n");
    } else if (handler == null || !(method.equals("GET") || method.equals("HEAD"))) {
      exchange.getResponseHeaders().set("Allow", handler == null ? "POST" : "GET, HEAD");
      ConsoleReply.text(exchange, 405, "method not allowed\n");
    } else {
      handler.handle(exchange);
    }
  }

  private Handler find(String path) {
    Handler handler = exact.get(path);
    if (handler == null) {
      for (Map.Entry<String, Handler> prefix : prefixes.entrySet()) {
        if (path.startsWith(prefix.getKey())) {
          handler = prefix.getValue();
        }
      }
    }
    return handler;
  }

  /** A page elsewhere can make a browser send requests here, but not with our name as host. */
  private static boolean isLocal(String host) {
    if (host == null) {
      return true;
    }
    String name = host.startsWith("[") ? host : host.replaceFirst(":\\d+$", "");
    return name.equals("localhost") || name.equals("127.0.0.1") || name.startsWith("[::1]");
  }
}
