package io.streamgauge.ordersync.browser;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.RequiredTool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real Chromium without a window, one page, spoken to over its DevTools protocol. Remembers every
 * error of the page: exceptions, what it logs as error, and what its content security policy stops.
 */
final class Browser implements AutoCloseable {

  private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Gson gson = new Gson();
  private final Path profile = Files.createTempDirectory("streamgauge-browser-");
  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
  private final List<String> errors = new CopyOnWriteArrayList<>();

  private Browser(Path program, int width, int height) throws Exception {
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                "--window-size=" + width + "," + height,
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    String address = address();
    HttpResponse<String> page =
        http.send(
            HttpRequest.newBuilder(URI.create("http://" + address + "/json/new?about:blank"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    String url =
        JsonParser.parseString(page.body())
            .getAsJsonObject()
            .get("webSocketDebuggerUrl")
            .getAsString();
    socket = http.newWebSocketBuilder().buildAsync(URI.create(url), new Ear()).join();
    call("Runtime.enable", Map.of());
    call("Log.enable", Map.of());
    call("Page.enable", Map.of());
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Skips the test where there is no Chromium, unless everything is required. */
  static Browser open(int width, int height) throws Exception {
    Optional<Path> program =
        Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    if (program.isEmpty()) {
      RequiredTool.missing("Chromium is not installed");
    }
    return new Browser(program.get(), width, height);
  }

  private String address() throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher matcher = LISTENING.matcher(line);
      if (matcher.find()) {
        Thread rest = new Thread(() -> lines.lines().forEach(each -> {}), "browser-output");
        rest.setDaemon(true);
        rest.start();
        return matcher.group(1);
      }
    }
    throw new IOException("the browser did not start");
  }

  private JsonObject call(String method, Map<String, ?> parameters) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket
        .sendText(gson.toJson(Map.of("id", id, "method", method, "params", parameters)), true)
        .join();
    return Await.get(answer);
  }

  void go(String url) throws Exception {
    call("Page.navigate", Map.of("url", url));
  }

  void dark(boolean dark) throws Exception {
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** The value of an expression in the page, as text; "undefined" of what has none. */
  String eval(String expression) throws Exception {
    JsonObject answer =
        call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")"));
    JsonObject result = answer.getAsJsonObject("result").getAsJsonObject("result");
    return result.has("value") ? result.get("value").getAsString() : "undefined";
  }

  void picture(Path file) throws Exception {
    JsonObject answer = call("Page.captureScreenshot", Map.of("format", "png"));
    Files.write(
        file,
        Base64.getDecoder().decode(answer.getAsJsonObject("result").get("data").getAsString()));
  }

  /** What went wrong in the page so far. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  private final class Ear implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonObject message = JsonParser.parseString(text.toString()).getAsJsonObject();
        text.setLength(0);
        hear(message);
      }
      from.request(1);
      return null;
    }
  }

  private void hear(JsonObject message) {
    if (message.has("id")) {
      CompletableFuture<JsonObject> answer = answers.remove(message.get("id").getAsInt());
      if (answer != null) {
        answer.complete(message);
      }
      return;
    }
    String method = message.get("method").getAsString();
    JsonObject parameters = message.getAsJsonObject("params");
    boolean error =
        method.equals("Runtime.exceptionThrown")
            || (method.equals("Runtime.consoleAPICalled")
                && parameters.get("type").getAsString().matches("error|warning"))
            || (method.equals("Log.entryAdded")
                && parameters
                    .getAsJsonObject("entry")
                    .get("level")
                    .getAsString()
                    .matches("error|warning"));
    if (error) {
      errors.add(parameters.toString());
    }
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      // A helper of the browser may still be writing; the directory is a temporary one.
    }
  }
}
