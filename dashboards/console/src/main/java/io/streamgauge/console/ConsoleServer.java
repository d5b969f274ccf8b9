package io.streamgauge.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
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

  /** Some for requests, and one for each reader of events. */
  private static final int THREADS = 32;

  /** Answers one request; whatever it throws becomes a 500. */
  public interface Handler {
    void handle(HttpExchange exchange) throws IOException;
  }

  private final HttpServer http;
  private final ExecutorService executor;
  private final Map<String, Handler> exact = new TreeMap<>();
  private final Map<String, Handler> prefixes = new TreeMap<>();
  private final Map<String, Handler> posts = new TreeMap<>();
  private final Set<String> withoutToken = new HashSet<>();
  private final byte[] token;

  /**
   * Takes a port on the loopback address.
   *
   * @throws IOException if it is taken
   */
  public ConsoleServer(int port) throws IOException {
    this(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port, null);
  }

  /**
   * Takes a port on any address.
   *
   * @param token what a request must show as bearer token, or null where anyone may ask
   * @throws IOException if it is taken
   */
  public ConsoleServer(InetAddress address, int port, String token) throws IOException {
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    http = HttpServer.create(new InetSocketAddress(address, port), 50);
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

  /** A page without data, which needs no token. */
  public void open(String path, Handler handler) {
    exact.put(path, handler);
    withoutToken.add(path);
  }

  public void getUnder(String prefix, Handler handler) {
    prefixes.put(prefix, handler);
  }

  public void post(String path, Handler handler) {
    posts.put(path, handler);
  }

  /**
   * The thread that listens is a daemon too, whoever calls this.
   *
   * @throws IllegalStateException if it was started before
   */
  public void start() {
    FutureTask<Void> start = new FutureTask<>(http::start, null);
    Thread starter = new Thread(start, "streamgauge-console-start");
    starter.setDaemon(true);
    starter.start();
    try {
      start.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the console cannot be started", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
      // With a token the browser of a stranger has nothing to gain from our name.
      if (token == null && !isLocal(exchange.getRequestHeaders().getFirst("Host"))) {
        ConsoleReply.text(exchange, 421, "this host is not served here\n");
        return;
      }
      if (!mayAsk(exchange)) {
        headers.set("WWW-Authenticate", "Bearer");
        ConsoleReply.text(exchange, 401, "a bearer token is asked for\n");
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

  private boolean mayAsk(HttpExchange exchange) {
    if (token == null || withoutToken.contains(exchange.getRequestURI().getPath())) {
      return true;
    }
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    return header != null
        && header.startsWith("Bearer ")
        && MessageDigest.isEqual(
            header.substring("Bearer ".length()).getBytes(StandardCharsets.UTF_8), token);
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
  private boolean isLocal(String host) {
    if (host == null) {
      return true;
    }
    String name = host.startsWith("[") ? host : host.replaceFirst(":\\d+$", "");
    return name.equals(http.getAddress().getAddress().getHostAddress())
        || name.equals("localhost")
        || name.equals("127.0.0.1")
        || name.startsWith("[::1]");
  }
}
