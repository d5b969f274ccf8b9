package io.streamgauge.dashboards;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real Prometheus with the shipped rules and alerts, scraping some ports of this machine. */
final class Prometheus implements AutoCloseable {

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final int port;
  private final Path log;

  Prometheus(Path directory, Map<String, Integer> jobs, int scrapeSeconds) throws IOException {
    Path config = directory.resolve("prometheus.yml");
    StringBuilder text =
        new StringBuilder("global:\n  scrape_interval: " + scrapeSeconds + "s\n")
            .append("  scrape_timeout: " + scrapeSeconds + "s\n")
            .append("  evaluation_interval: 1s\nrule_files:\n")
            .append("  - " + DashboardFiles.RULES.toAbsolutePath() + "\n")
            .append("  - " + DashboardFiles.ALERTS.toAbsolutePath() + "\n")
            .append("scrape_configs:\n");
    jobs.forEach(
        (job, target) ->
            text.append("  - job_name: " + job + "\n    static_configs:\n")
                .append("      - targets: ['127.0.0.1:" + target + "']\n"));
    Files.writeString(config, text);
    port = TestJvm.freePort();
    log = directory.resolve("prometheus.log");
    process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--enable-feature=exemplar-storage",
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  int port() {
    return port;
  }

  boolean isReady() {
    try {
      return http.send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/-/ready"))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private JsonElement get(String path, Map<String, String> parameters)
      throws IOException, InterruptedException {
    List<String> pairs = new ArrayList<>();
    parameters.forEach(
        (key, value) -> pairs.add(key + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port + path + "?" + String.join("&", pairs)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    JsonObject answer = JsonParser.parseString(response.body()).getAsJsonObject();
    if (!answer.get("status").getAsString().equals("success")) {
      throw new IOException(parameters + ": " + response.body());
    }
    return answer.get("data");
  }

  /** The samples of an instant query. */
  List<JsonObject> query(String expression) throws IOException, InterruptedException {
    JsonArray result =
        get("/api/v1/query", Map.of("query", expression))
            .getAsJsonObject()
            .getAsJsonArray("result");
    List<JsonObject> samples = new ArrayList<>();
    result.forEach(sample -> samples.add(sample.getAsJsonObject()));
    return samples;
  }

  static double value(JsonObject sample) {
    return Double.parseDouble(sample.getAsJsonArray("value").get(1).getAsString());
  }

  /** Prometheus' own clock, in seconds. */
  double now() throws IOException, InterruptedException {
    return get("/api/v1/query", Map.of("query", "time()"))
        .getAsJsonObject()
        .getAsJsonArray("result")
        .get(0)
        .getAsDouble();
  }

  /** The time of the first stored sample above the bound after this time, in seconds. */
  double firstAbove(String series, double bound, double after)
      throws IOException, InterruptedException {
    double first = Double.POSITIVE_INFINITY;
    for (JsonElement sample : stored(series)) {
      double time = sample.getAsJsonArray().get(0).getAsDouble();
      if (time > after && sample.getAsJsonArray().get(1).getAsDouble() > bound) {
        first = Math.min(first, time);
      }
    }
    return first;
  }

  /** How many samples of the series are stored from the one time up to the other. */
  int samplesBetween(String series, double from, double to)
      throws IOException, InterruptedException {
    int samples = 0;
    for (JsonElement sample : stored(series)) {
      double time = sample.getAsJsonArray().get(0).getAsDouble();
      samples += time >= from && time <= to ? 1 : 0;
    }
    return samples;
  }

  /** The stored samples of the last minutes, as they were scraped or evaluated. */
  private List<JsonElement> stored(String series) throws IOException, InterruptedException {
    List<JsonElement> samples = new ArrayList<>();
    for (JsonObject one : query(series + "[20m]")) {
      one.getAsJsonArray("values").forEach(samples::add);
    }
    return samples;
  }

  /** Whether the query has a sample that is neither zero nor not a number. */
  boolean hasValue(String expression) throws IOException, InterruptedException {
    for (JsonObject sample : query(expression)) {
      double value = value(sample);
      if (value != 0 && !Double.isNaN(value)) {
        return true;
      }
    }
    return false;
  }

  /** Exemplars of a query over the last minutes. */
  int exemplars(String expression) throws IOException, InterruptedException {
    long now = System.currentTimeMillis() / 1_000;
    int found = 0;
    JsonArray series =
        get(
                "/api/v1/query_exemplars",
                Map.of("query", expression, "start", "" + (now - 600), "end", "" + now))
            .getAsJsonArray();
    for (JsonElement one : series) {
      for (JsonElement exemplar : one.getAsJsonObject().getAsJsonArray("exemplars")) {
        JsonObject labels = exemplar.getAsJsonObject().getAsJsonObject("labels");
        found += labels.has("trace_id") && labels.has("span_id") ? 1 : 0;
      }
    }
    return found;
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
