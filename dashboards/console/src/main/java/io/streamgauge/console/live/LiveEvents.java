package io.streamgauge.console.live;

import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.console.http.ConsoleServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * {@code /events}: server-sent events, first {@code history}, then each {@code sample}. A reader
 * that does not keep up misses samples; no other waits for it. One whose connection takes nothing
 * for as long as the server is patient has gone; its place is another's.
 */
public final class LiveEvents implements ConsoleServer.Handler, AutoCloseable {

  /** Readers at once; the server answers more with 503. Each holds a thread of the server. */
  public static final int MAX_CLIENTS = 16;

  private static final long HEARTBEAT_SECONDS = 15;
  private static final String END = "";

  /** What each reader has not been sent yet. */
  private final Set<BlockingQueue<String>> readers = ConcurrentHashMap.newKeySet();

  private final Supplier<String> history;
  private final Supplier<String> latest;
  private volatile boolean closed;

  public LiveEvents(Supplier<String> history, Supplier<String> latest) {
    this.history = history;
    this.latest = latest;
  }

  /** Passes a sample on to everyone who can take it now. */
  public void publish(String sample) {
    for (BlockingQueue<String> waiting : readers) {
      while (!waiting.offer(sample)) {
        waiting.poll();
      }
    }
  }

  /** Readers now. */
  int size() {
    return readers.size();
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    BlockingQueue<String> waiting = new ArrayBlockingQueue<>(2);
    readers.add(waiting);
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      write(out, event("history", history.get()));
      write(out, event("sample", latest.get()));
      serve(waiting, out);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      readers.remove(waiting);
    }
  }

  private void serve(BlockingQueue<String> waiting, OutputStream out)
      throws IOException, InterruptedException {
    while (!closed) {
      String next = waiting.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        write(out, ":\n\n");
      } else if (!next.equals(END)) {
        write(out, event("sample", next));
      }
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
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
