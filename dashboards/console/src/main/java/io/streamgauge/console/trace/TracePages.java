package io.streamgauge.console.trace;

import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.io.IOException;
import java.util.regex.Pattern;

/** zipkin-lens under {@code /zipkin/}: its files from the class path, its page for every route. */
public final class TracePages implements ConsoleServer.Handler {

  private static final String PREFIX = "/zipkin/";

  /** No file of zipkin-lens has a longer name; the pattern goes a call deeper with each dot. */
  private static final int LONGEST_NAME = 128;

  /** Names of files; anything else, ".." included, is a route of the page. */
  private static final Pattern FILE =
      Pattern.compile("(?:static/(?:css|js|media)/)?[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)+");

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(PREFIX.length());
    if (path.equals("config.json")) {
      config(exchange);
    } else if (path.length() <= LONGEST_NAME && FILE.matcher(path).matches()) {
      file(exchange, path);
    } else {
      file(exchange, "index.html");
    }
  }

  private static void config(HttpExchange exchange) throws IOException {
    ConsoleReply.json(
        exchange,
        200,
        json -> {
          json.beginObject();
          json.name("environment").value("");
          json.name("queryLimit").value(20);
          json.name("defaultLookback").value(60 * 60 * 1000);
          json.name("searchEnabled").value(true);
          json.name("dependency").beginObject();
          json.name("enabled").value(true);
          json.endObject();
          json.endObject();
        });
  }

  private static void file(HttpExchange exchange, String name) throws IOException {
    ConsoleReply.file(exchange, type(name), TracePages.class, "zipkin-lens/" + name);
  }

  private static String type(String name) {
    switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "html":
        return "text/html; charset=utf-8";
      case "js":
        return "text/javascript; charset=utf-8";
      case "css":
        return "text/css; charset=utf-8";
      case "png":
        return "image/png";
      case "ico":
        return "image/x-icon";
      default:
        return "application/octet-stream";
    }
  }
}
