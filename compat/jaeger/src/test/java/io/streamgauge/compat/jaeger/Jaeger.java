package io.streamgauge.compat.jaeger;

import static io.streamgauge.testkit.fixture.Await.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.streamgauge.testkit.fixture.InstalledProgram;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A real Jaeger, built from source, as {@code dashboards/jaeger/config.yaml} configures it: in
 * memory, OTLP in, its query API out; on free ports of this machine.
 */
final class Jaeger implements AutoCloseable {

  static final Path DASHBOARDS = Path.of(System.getProperty("dashboards.directory"));

  private static final Path SOURCES = Path.of(System.getProperty("jaeger.sources"));
  private static final Path BUILD = Path.of(System.getProperty("jaeger.directory"));
  private static final String PACKAGE = "github.com/jaegertracing/jaeger/cmd/jaeger";

  /** Only the ports, and where the UI's file is, differ from what is shipped. */
  private static final String OVERLAY =
      """
      service:
        telemetry:
          metrics:
            level: none
      extensions:
        jaeger_query:
          ui:
            config_file: %s
          http:
            endpoint: 127.0.0.1:%d
          grpc:
            endpoint: 127.0.0.1:0
      receivers:
        otlp:
          protocols:
            grpc:
              endpoint: 127.0.0.1:0
            http:
              endpoint: 127.0.0.1:%d
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Path log;
  private final int query = TestJvm.freePort();
  private final int otlp = TestJvm.freePort();

  private Jaeger(Path directory, List<String> more) throws IOException {
    Path overlay = directory.resolve("ports.yaml");
    Path ui = DASHBOARDS.resolve("jaeger/ui-config.json").toRealPath();
    Files.writeString(overlay, OVERLAY.formatted(ui, query, otlp));
    List<String> command = new ArrayList<>();
    command.add(BUILD.resolve("jaeger").toString());
    command.add("--config=" + DASHBOARDS.resolve("jaeger/config.yaml"));
    command.add("--config=" + overlay);
    more.forEach(each -> command.add("--config=" + each));
    log = directory.resolve("jaeger.log");
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Skips the test where there is no Go; fails where all is required. */
  static void build() throws IOException, InterruptedException {
    InstalledProgram.install(
        SOURCES,
        BUILD,
        List.of("go.mod", "go.sum"),
        List.of("go", "build", "-v", "-trimpath", "-o", "jaeger", PACKAGE));
  }

  /**
   * Starts it.
   *
   * @param directory for its log
   * @param more configuration on top: files, or {@code yaml:} and text
   */
  static Jaeger start(Path directory, String... more) throws IOException, InterruptedException {
    build();
    Files.createDirectories(directory);
    Jaeger jaeger = new Jaeger(directory, List.of(more));
    try {
      await(jaeger.process, jaeger.log).until(jaeger::isUp);
    } catch (Throwable t) {
      jaeger.close();
      throw t;
    }
    return jaeger;
  }

  private boolean isUp() throws InterruptedException {
    try {
      send(HttpRequest.newBuilder(URI.create(otlp() + "/v1/traces")));
      return send(HttpRequest.newBuilder(URI.create(url() + "/api/services"))).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(
        request.timeout(Duration.ofMinutes(2)).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Where spans go. */
  String otlp() {
    return "http://127.0.0.1:" + otlp;
  }

  /** Where its API is. */
  String url() {
    return "http://127.0.0.1:" + query;
  }

  /** Sends spans in OTLP's JSON. */
  void post(String spans) throws IOException, InterruptedException {
    HttpResponse<String> response =
        send(
            HttpRequest.newBuilder(URI.create(otlp() + "/v1/traces"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(spans)));
    if (response.statusCode() != 200) {
      throw new IOException(response.statusCode() + ": " + response.body());
    }
  }

  JsonElement get(String path, Map<String, String> parameters) {
    return get(url(), path, parameters);
  }

  /** Asks an API of Jaeger's kind, this one's or another's; null for 404. */
  JsonElement get(String url, String path, Map<String, String> parameters) {
    List<String> pairs = new ArrayList<>();
    parameters.forEach(
        (key, value) -> pairs.add(key + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    String asked = url + path + (pairs.isEmpty() ? "" : "?" + String.join("&", pairs));
    try {
      HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(asked)));
      if (response.statusCode() == 404) {
        return null;
      }
      if (response.statusCode() != 200) {
        throw new AssertionError(asked + ": " + response.statusCode() + " " + response.body());
      }
      return JsonParser.parseString(response.body());
    } catch (IOException e) {
      throw new AssertionError(asked, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(asked, e);
    }
  }

  private List<String> strings(String path) {
    JsonElement data = get(path, Map.of()).getAsJsonObject().get("data");
    List<String> strings = new ArrayList<>();
    if (!data.isJsonNull()) {
      data.getAsJsonArray().forEach(each -> strings.add(each.getAsString()));
    }
    return strings;
  }

  List<String> services() {
    return strings("/api/services");
  }

  List<String> operations(String service) {
    return strings("/api/services/" + service + "/operations");
  }

  /** The traces that a search finds, in the order given, at most 10,000. */
  List<JaegerTrace> search(Map<String, String> parameters) {
    Map<String, String> all = new TreeMap<>(Map.of("limit", "10000"));
    all.putAll(parameters);
    List<JaegerTrace> traces = new ArrayList<>();
    JsonObject answer = get("/api/traces", all).getAsJsonObject();
    answer
        .getAsJsonArray("data")
        .forEach(each -> traces.add(JaegerTrace.of(each.getAsJsonObject())));
    return traces;
  }

  /** A search for traces with a span of that service and those tags. */
  List<JaegerTrace> tagged(String service, String... keysAndValues) {
    JsonObject tags = new JsonObject();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      tags.addProperty(keysAndValues[i], keysAndValues[i + 1]);
    }
    return search(Map.of("service", service, "tags", tags.toString()));
  }

  /** Null if it has none of that id. */
  JaegerTrace trace(String id) {
    JsonElement answer = get("/api/traces/" + id, Map.of());
    return answer == null
        ? null
        : JaegerTrace.of(answer.getAsJsonObject().getAsJsonArray("data").get(0).getAsJsonObject());
  }

  /** How many spans it has of a trace. */
  int spans(String traceId) {
    JaegerTrace trace = trace(traceId);
    return trace == null ? 0 : trace.spans().size();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
