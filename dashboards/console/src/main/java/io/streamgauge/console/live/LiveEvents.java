package io.streamgauge.console.live;

import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.console.ConsoleReply;
import io.streamgauge.console.ConsoleServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * {@code /events}: server-sent events, first {@code history}, then each {@code sample}. A reader
 * that does not keep up misses samples; nobody waits for it.
 */
public final class LiveEvents implements ConsoleServer.Handler, AutoCloseable {

  /** Readers at once; more get 503. Each holds a thread of the server. */
  public static final int MAX_CLIENTS = 16;

  private static final long HEARTBEAT_SECONDS = 15;
  private static final String END = "";

  private final Set<ArrayBlockingQueue<String>> clients = ConcurrentHashMap.newKeySet();
  private final Supplier<String> history;
  private final Supplier<String> latest;
  private volatile boolean closed;

  public LiveEvents(Supplier<String> history, Supplier<String> latest) {
    this.history = history;
    this.latest = latest;
  }

  /** Passes a sample on to everyone who can take it now. */
  public void publish(String sample) {
    for (ArrayBlockingQueue<String> client : clients) {
      while (!client.offer(sample)) {
        client.poll();
      }
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    ArrayBlockingQueue<String> queue = new ArrayBlockingQueue<>(2);
    synchronized (clients) {
      if (clients.size() >= MAX_CLIENTS || closed) {
        ConsoleReply.text(exchange, 503, "too many readers\n");
        return;
      }
      clients.add(queue);
    }
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      event(out, "history", history.get());
      event(out, "sample", latest.get());
      serve(out, queue);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      clients.remove(queue);
    }
  }

  private void serve(OutputStream out, ArrayBlockingQueue<String> queue)
      throws IOException, InterruptedException {
    while (!closed) {
      String next = queue.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        out.write(":\n\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
      } else if (!next.equals(END)) {
        event(out, "sample", next);
      }
    }
  }

  private static void event(OutputStream out, String name, String json) throws IOException {
    // JSON of Gson has no line breaks, so one data line is enough.
    out.write(("event: " + name + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Ends what is open. */
  @Override
  public void close() {
    closed = true;
    publish(END);
  }
}
