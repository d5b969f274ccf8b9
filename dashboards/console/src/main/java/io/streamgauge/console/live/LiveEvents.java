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

  /** A reader whose connection takes nothing for so long has gone; its place is another's. */
  private static final long DEAD_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final class Client {
    final ArrayBlockingQueue<String> queue = new ArrayBlockingQueue<>(2);
    private Thread writing;
    private long since;

    void write(OutputStream out, String text) throws IOException {
      synchronized (this) {
        writing = Thread.currentThread();
        since = System.nanoTime();
      }
      try {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
      } finally {
        synchronized (this) {
          writing = null;
        }
      }
    }

    /**
     * Ends a write that has taken too long: the interrupt closes its channel. To close the exchange
     * from here would wait for that very write.
     */
    synchronized void endIfDead(long now, long deadNanos) {
      if (writing != null && now - since > deadNanos) {
        writing.interrupt();
      }
    }
  }

  private final Set<Client> clients = ConcurrentHashMap.newKeySet();
  private final Supplier<String> history;
  private final Supplier<String> latest;
  private final long deadNanos;
  private volatile boolean closed;

  public LiveEvents(Supplier<String> history, Supplier<String> latest) {
    this(history, latest, DEAD_NANOS);
  }

  LiveEvents(Supplier<String> history, Supplier<String> latest, long deadNanos) {
    this.deadNanos = deadNanos;
    this.history = history;
    this.latest = latest;
  }

  /** Passes a sample on to everyone who can take it now. */
  public void publish(String sample) {
    long now = System.nanoTime();
    for (Client client : clients) {
      while (!client.queue.offer(sample)) {
        client.queue.poll();
      }
      client.endIfDead(now, deadNanos); // its own thread takes it from the list
    }
  }

  /** Readers now. */
  int size() {
    return clients.size();
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Client client = new Client();
    synchronized (clients) {
      if (clients.size() >= MAX_CLIENTS || closed) {
        ConsoleReply.text(exchange, 503, "too many readers\n");
        return;
      }
      clients.add(client);
    }
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      client.write(out, event("history", history.get()));
      client.write(out, event("sample", latest.get()));
      serve(client, out);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      clients.remove(client);
    }
  }

  private void serve(Client client, OutputStream out) throws IOException, InterruptedException {
    while (!closed) {
      String next = client.queue.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        client.write(out, ":\n\n");
      } else if (!next.equals(END)) {
        client.write(out, event("sample", next));
      }
    }
  }

  private static String event(String name, String json) {
    // JSON of Gson has no line breaks, so one data line is enough.
    return "event: " + name + "\ndata: " + json + "\n\n";
  }

  /** Ends what is open. */
  @Override
  public void close() {
    closed = true;
    publish(END);
  }
}
