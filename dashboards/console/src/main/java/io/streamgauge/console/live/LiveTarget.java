package io.streamgauge.console.live;

import io.streamgauge.console.http.ConsoleFault;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Another process, asked over HTTP once a second by a thread of its own. */
public final class LiveTarget implements LiveSource {

  private static final int TIMEOUT_MILLIS = 2_000;
  private static final long PERIOD_MILLIS = 1_000;
  private static final long STALE_NANOS = TimeUnit.SECONDS.toNanos(4);

  /** One answer, however slowly it comes. */
  private static final long LONGEST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String name;
  private final URI uri;
  private final String token;
  private final long longestAnswerNanos;
  private final Thread thread;
  private volatile Page page;
  private volatile String error = "not asked yet";
  private volatile boolean closed;

  /**
   * Begins to ask.
   *
   * @param url such as {@code http://127.0.0.1:9471}; a path is left as it is, else {@code
   *     /api/streams} is asked
   * @param token sent as bearer token, or null
   * @throws IllegalArgumentException if it is no HTTP URL
   */
  public LiveTarget(String url, String token) {
    this(url, token, LONGEST_ANSWER_NANOS);
  }

  LiveTarget(String url, String token, long longestAnswerNanos) {
    this.longestAnswerNanos = longestAnswerNanos;
    URI parsed = URI.create(url);
    boolean http = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
    if (!http || parsed.getHost() == null || parsed.getUserInfo() != null) {
      throw new IllegalArgumentException("not an http URL: " + url);
    }
    boolean root = parsed.getPath() == null || parsed.getPath().replace("/", "").isEmpty();
    uri = root ? parsed.resolve("/api/streams") : parsed;
    this.name = parsed.getHost() + ":" + (parsed.getPort() < 0 ? 80 : parsed.getPort());
    this.token = token;
    this.thread = new Thread(this::run, "streamgauge-target-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Page page(long now) throws IOException {
    Page last = page;
    if (last == null || System.nanoTime() - last.at > STALE_NANOS) {
      throw new IOException(error == null ? "no answer" : error);
    }
    return last;
  }

  private void run() {
    while (!closed) {
      try {
        Map<?, ?> answer = ask();
        page = new Page(answer, System.nanoTime());
        error = null;
      } catch (IOException | RuntimeException | Error e) {
        ConsoleFault.passIfFatal(e);
        error = e.getMessage() == null ? e.toString() : e.getMessage();
      }
      try {
        TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private Map<?, ?> ask() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    if (token != null) {
      connection.setRequestProperty("Authorization", "Bearer " + token);
    }
    try {
      if (connection.getResponseCode() != 200) {
        throw new IOException("answers " + connection.getResponseCode());
      }
      try (InputStream in = untilLate(connection.getInputStream());
          Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
        Map<?, ?> answer = LiveDocument.read(reader);
        if (!(answer.get("streams") instanceof Iterable)) {
          throw new IOException("does not answer with streams");
        }
        return answer;
      }
    } finally {
      connection.disconnect();
    }
  }

  /**
   * Each read waits for {@link #TIMEOUT_MILLIS}; a peer that sends a little each time has no end.
   */
  private InputStream untilLate(InputStream in) {
    long began = System.nanoTime();
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        if (System.nanoTime() - began > longestAnswerNanos) {
          throw new IOException("answers too slowly");
        }
        return super.read(bytes, offset, length);
      }
    };
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
