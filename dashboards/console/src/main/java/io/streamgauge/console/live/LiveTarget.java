package io.streamgauge.console.live;

import com.google.gson.Gson;
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

  /** A page is at most 200 rows of some 500 bytes; what is larger is no page of ours. */
  private static final int MAX_CHARS = 4 * 1024 * 1024;

  private final Gson gson = new Gson();
  private final String name;
  private final URI uri;
  private final String token;
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
      } catch (IOException | RuntimeException e) {
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
      try (InputStream in = connection.getInputStream();
          Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
        Map<?, ?> answer = gson.fromJson(limited(reader), Map.class);
        if (answer == null || !(answer.get("streams") instanceof Iterable)) {
          throw new IOException("does not answer with streams");
        }
        // A number that JSON does not know would stop the page for all; this refuses it.
        String unused = gson.toJson(answer);
        return answer;
      }
    } finally {
      connection.disconnect();
    }
  }

  private static String limited(Reader reader) throws IOException {
    StringBuilder text = new StringBuilder();
    char[] buffer = new char[8_192];
    for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
      text.append(buffer, 0, n);
      if (text.length() > MAX_CHARS) {
        throw new IOException("answers with more than " + MAX_CHARS + " characters");
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
