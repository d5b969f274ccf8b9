package io.streamgauge.console.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The JDK's HTTP server with our manners: loopback only, exact paths unless a prefix was
 * registered, GET only unless a receiver was, Host checked against DNS rebinding, a limit to the
 * requests in work and to the time each waits for its peer ({@link ConsoleLimits}), and no
 * handler's fault ends the server.
 */
public final class ConsoleServer {

  private static final Logger logger = Logger.getLogger("io.streamgauge.console");

  /** As much as common servers take; no page of ours asks for a tenth of it. */
  static final int MAX_URI = 8_192;

  /**
   * Answers one request. Whatever it throws becomes a 500, or, where the answer has begun, a closed
   * connection; only {@link InternalError} and {@link ThreadDeath} pass.
   */
  public interface Handler {
    void handle(HttpExchange exchange) throws IOException;
  }

  private final HttpServer http;
  private final ExecutorService executor;
  private final Map<String, Handler> exact = new TreeMap<>();
  private final Map<String, Handler> prefixes = new TreeMap<>();
  private final Map<String, Handler> posts = new TreeMap<>();

  /** Places of their own, for answers without an end. */
  private final Map<String, Semaphore> endless = new TreeMap<>();

  private final Set<String> withoutToken = new HashSet<>();
  private final ConsoleTally refused = new ConsoleTally();
  private final AtomicBoolean faultLogged = new AtomicBoolean();
  private final byte[] token;
  private final ConsoleWatch watch;

  /** One for each request in work. */
  private final Semaphore places;

  /**
   * Takes a port on the loopback address.
   *
   * @throws IOException if it is taken
   */
  public ConsoleServer(int port) throws IOException {
    this(port, ConsoleLimits.standard());
  }

  /**
   * Takes a port on the loopback address, with limits of its own.
   *
   * @throws IOException if it is taken
   */
  public ConsoleServer(int port, ConsoleLimits limits) throws IOException {
    this(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port, null, limits);
  }

  /**
   * Takes a port on any address.
   *
   * @param token what a request must show as bearer token, or null where anyone may ask
   * @throws IOException if it is taken
   */
  public ConsoleServer(InetAddress address, int port, String token) throws IOException {
    this(address, port, token, ConsoleLimits.standard());
  }

  private ConsoleServer(InetAddress address, int port, String token, ConsoleLimits limits)
      throws IOException {
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    http = HttpServer.create(new InetSocketAddress(address, port), 50);
    places = new Semaphore(limits.requests());
    watch = new ConsoleWatch(limits.patience().toNanos(), refused);
    AtomicInteger number = new AtomicInteger();
    executor =
        Executors.newFixedThreadPool(
            limits.threads(),
            task -> {
              Thread thread = new Thread(task, "streamgauge-console-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    http.setExecutor(task -> executor.execute(() -> run(task)));
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
   * An answer that goes on for as long as its reader reads: each of its writes may wait for its
   * peer anew.
   *
   * @param readers at once; they take no places of requests
   */
  public void getEndless(String path, int readers, Handler handler) {
    exact.put(path, handler);
    endless.put(path, new Semaphore(readers));
  }

  /** What this server has refused; handlers add to it. */
  public ConsoleTally refused() {
    return refused;
  }

  /**
   * The thread that listens is a daemon too, also where the caller's is none.
   *
   * @throws IllegalStateException if it was started before
   */
  public void start() {
    FutureTask<Void> start =
        new FutureTask<>(
            () -> {
              http.start();
              watch.start();
            },
            null);
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
    watch.stop();
  }

  /** One request, from its first byte; a fault in the JDK's server ends no thread of ours. */
  private void run(Runnable task) {
    ConsoleWork work = watch.begin();
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      fault(work, e);
    } finally {
      watch.end(work);
    }
    work.pass();
  }

  private void dispatch(HttpExchange plain) throws IOException {
    ConsoleWork work = watch.current();
    work.goesOn();
    ConsoleExchange exchange = new ConsoleExchange(plain, work);
    try {
      answer(exchange);
      exchange.close();
    } catch (IOException e) {
      logger.log(Level.FINE, "request failed", e);
      brokeOff(exchange, e);
    } catch (RuntimeException | Error e) {
      fault(work, e);
      brokeOff(exchange, e);
    }
  }

  /** What this throws makes the JDK's server close the connection. */
  private static void brokeOff(HttpExchange exchange, Throwable fault) throws IOException {
    if (exchange.getResponseCode() != -1) {
      // To end the answer here would make half of one look whole.
      throw new IOException("the answer broke off", fault);
    }
    try {
      ConsoleReply.refuse(exchange, 500, "internal error");
      exchange.close();
    } catch (RuntimeException | Error e) {
      throw new IOException(e);
    }
  }

  private void fault(ConsoleWork work, Throwable fault) {
    refused.add(ConsoleTally.FAULT, 1);
    if (ConsoleFault.isFatal(fault)) {
      work.passLater((Error) fault);
    } else {
      Level level = faultLogged.compareAndSet(false, true) ? Level.WARNING : Level.FINE;
      logger.log(level, "a request met a fault of the console's own; the next is answered", fault);
    }
  }

  private void answer(ConsoleExchange exchange) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Cache-Control", "no-store");
    // With a token the browser of a stranger has nothing to gain from our name.
    if (token == null && !isLocal(exchange)) {
      refused.add(ConsoleTally.HOST, 1);
      ConsoleReply.refuse(exchange, 421, "this host is not served here");
    } else if (exchange.getRequestURI().toString().length() > MAX_URI) {
      refused.add(ConsoleTally.TOO_LARGE, 1);
      ConsoleReply.refuse(exchange, 414, "the URI is longer than " + MAX_URI + " characters");
    } else if (!mayAsk(exchange)) {
      headers.set("WWW-Authenticate", "Bearer");
      ConsoleReply.refuse(exchange, 401, "a bearer token is asked for");
    } else {
      inWork(exchange);
    }
  }

  private void inWork(ConsoleExchange exchange) throws IOException {
    Semaphore own = endless.get(exchange.getRequestURI().getPath());
    Semaphore free = own == null ? places : own;
    if (!free.tryAcquire()) {
      busy(exchange);
      return;
    }
    try {
      if (own != null) {
        exchange.endless();
      }
      route(exchange);
    } finally {
      free.release();
    }
  }

  private void busy(HttpExchange exchange) throws IOException {
    refused.add(ConsoleTally.BUSY, 1);
    exchange.getResponseHeaders().set("Retry-After", "1");
    ConsoleReply.refuse(exchange, 503, "too many requests are in work");
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
      ConsoleReply.refuse(exchange, 404, "no such path");
    } else if (handler == null || !(method.equals("GET") || method.equals("HEAD"))) {
      exchange.getResponseHeaders().set("Allow", handler == null ? "POST" : "GET, HEAD");
      ConsoleReply.refuse(exchange, 405, "method not allowed");
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

  private static boolean isLocal(HttpExchange exchange) {
    String authority = exchange.getRequestURI().getRawAuthority();
    if (authority != null && !ConsoleHost.isLocal(authority)) {
      return false;
    }
    List<String> hosts = exchange.getRequestHeaders().get("Host");
    if (hosts == null) {
      // Browsers speak 1.1 and always send one.
      return "HTTP/1.0".equalsIgnoreCase(exchange.getProtocol());
    }
    return hosts.size() == 1 && ConsoleHost.isLocal(hosts.get(0));
  }
}
