package io.streamgauge.console;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.streamgauge.console.live.LiveDocument;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The table of the live page in a terminal, from any console's {@code /api/live}. */
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    description = "Shows the worst streams of a console in the terminal, once a second.")
final class ViewerTop implements Callable<Integer> {

  private static final int TIMEOUT_MILLIS = 2_000;
  private static final int WORDS = 40;

  @Parameters(paramLabel = "URL", description = "Of a console, for example http://127.0.0.1:9470.")
  private String url;

  @Option(names = "--rows", description = "Streams shown (${DEFAULT-VALUE}).")
  private int rows = 20;

  @Option(names = "--count", description = "Stop after so many looks; 0 for never.")
  private int count;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Its first line is the bearer token the console asks for.")
  private Path tokenFile;

  @Override
  public Integer call() throws InterruptedException {
    URI live;
    String token;
    try {
      URI base = URI.create(url);
      if (base.getHost() == null
          || !("http".equals(base.getScheme()) || "https".equals(base.getScheme()))) {
        throw new IllegalArgumentException("not an http URL: " + url);
      }
      live = base.resolve("/api/live");
      token = tokenFile == null ? null : token(tokenFile);
      if (rows < 1 || count < 0) {
        throw new IllegalArgumentException("--rows must be above 0, --count not below");
      }
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("top: " + e.getMessage());
      return 2;
    }
    // With a count it is for a log or a script, without one for someone who watches.
    boolean terminal = count == 0;
    for (int look = 1; ; look++) {
      try {
        String screen = screen(ask(live, token));
        // Home and clear to the end, not clear and home, which would flicker.
        System.out.print((terminal ? "\u001b[H\u001b[J" : "") + screen);
        System.out.flush();
      } catch (IOException | JsonParseException | IllegalStateException e) {
        System.err.println("top: " + live + ": " + e.getMessage());
        return 1;
      }
      if (look == count) {
        return 0;
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  /** The first line of a file. */
  static String token(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || lines.get(0).trim().isEmpty()) {
      throw new IOException("no token in " + file);
    }
    return lines.get(0).trim();
  }

  private static JsonObject ask(URI live, String token) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) live.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    // A redirect would send the token to another host.
    connection.setInstanceFollowRedirects(false);
    if (token != null) {
      connection.setRequestProperty("Authorization", "Bearer " + token);
    }
    if (connection.getResponseCode() != 200) {
      throw new IOException("answers " + connection.getResponseCode());
    }
    try (InputStream in = connection.getInputStream()) {
      Reader reader = LiveDocument.limited(new InputStreamReader(in, StandardCharsets.UTF_8));
      return JsonParser.parseReader(reader).getAsJsonObject();
    }
  }

  private String screen(JsonObject sample) {
    StringBuilder text = new StringBuilder();
    if (!sample.has("totals")) {
      return "the first sample is on its way\n";
    }
    JsonObject totals = sample.getAsJsonObject("totals");
    text.append(
        String.format(
            Locale.ROOT,
            "open %d  stalled %d  oldest idle %.1f s  not ready %d  buffered %d  in %.0f/s  out %.0f/s"
                + "  errors %.1f %%%n",
            totals.get("open").getAsLong(),
            totals.get("stalled").getAsLong(),
            totals.get("oldest_idle_seconds").getAsDouble(),
            totals.get("not_ready").getAsLong(),
            totals.get("buffered").getAsLong(),
            totals.get("in_per_second").getAsDouble(),
            totals.get("out_per_second").getAsDouble(),
            totals.get("error_percent").getAsDouble()));
    for (JsonElement each : sample.getAsJsonArray("targets")) {
      JsonObject target = each.getAsJsonObject();
      if (!target.get("up").getAsBoolean()) {
        text.append("! ").append(words(target, "name")).append(" is down: ");
        text.append(words(target, "error")).append('\n');
      }
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%-40s %-16s %-6s %-8s %8s %8s %8s %8s %7s %7s  %s%n",
            "METHOD",
            "PROCESS",
            "SIDE",
            "LANE",
            "AGE",
            "IDLE",
            "IN/S",
            "OUT/S",
            "WAITING",
            "DEMAND",
            "WHY"));
    int shown = 0;
    for (JsonElement each : sample.getAsJsonArray("streams")) {
      if (shown++ == rows) {
        break;
      }
      text.append(line(each.getAsJsonObject()));
    }
    return text.toString();
  }

  private static String line(JsonObject row) {
    long waiting = 0;
    for (String stage : row.getAsJsonObject("depth").keySet()) {
      waiting += row.getAsJsonObject("depth").get(stage).getAsLong();
    }
    return String.format(
        Locale.ROOT,
        "%-40s %-16s %-6s %-8s %8.0f %8.1f %8s %8s %7d %7d  %s%s%n",
        words(row, "grpc_service") + "/" + words(row, "grpc_method"),
        words(row, "target").isEmpty() ? "-" : words(row, "target"),
        words(row, "side"),
        words(row, "gray_tag"),
        row.get("age_seconds").getAsDouble(),
        row.get("idle_seconds").getAsDouble(),
        rate(row, "in_per_second"),
        rate(row, "out_per_second"),
        waiting,
        row.get("demand").getAsLong(),
        words(row, "cause"),
        row.get("not_ready").getAsBoolean() ? " (not ready)" : "");
  }

  private static String rate(JsonObject row, String key) {
    boolean known = row.has(key) && !row.get(key).isJsonNull();
    return known ? String.format(Locale.ROOT, "%.1f", row.get(key).getAsDouble()) : "-";
  }

  /** What another process says is data: one line, and nothing a terminal would obey. */
  private static String words(JsonObject row, String key) {
    if (!row.has(key) || row.get(key).isJsonNull()) {
      return "";
    }
    String text = row.get(key).getAsString().replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    return text.length() > WORDS ? text.substring(0, WORDS - 1) + "…" : text;
  }
}
