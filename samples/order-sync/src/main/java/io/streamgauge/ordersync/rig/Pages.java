package io.streamgauge.ordersync.rig;

import io.streamgauge.ordersync.flow.Standstill;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Reads pages of the demo's own processes. */
public final class Pages {

  private static final Duration QUICK = Duration.ofSeconds(3);
  private static final Duration PATIENT = Duration.ofMinutes(1);

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Pages() {}

  /**
   * Reads a page that may be missed, as of a process that is watched every second.
   *
   * @throws IOException if it does not come within 3 s, or with another status than 200
   */
  public static String get(int port, String path) throws IOException, InterruptedException {
    return get(port, path, QUICK);
  }

  /**
   * Reads a page on which a result depends: on a slow machine a late answer is an answer.
   *
   * @throws IOException if it could not be read for a minute
   */
  public static String getPatiently(int port, String path)
      throws IOException, InterruptedException {
    Standstill standstill = new Standstill();
    while (true) {
      try {
        return get(port, path, PATIENT);
      } catch (IOException e) {
        if (standstill.isReached(path)) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private static String get(int port, String path, Duration timeout)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        HTTP.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(timeout)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(path + " answered " + response.statusCode());
    }
    return response.body();
  }

  public static boolean isUp(int port) throws InterruptedException {
    try {
      get(port, "/healthz");
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
