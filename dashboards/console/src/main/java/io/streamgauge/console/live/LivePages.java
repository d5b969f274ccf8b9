package io.streamgauge.console.live;

import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The page and its files, from the class path. They hold no data and need no token. */
public final class LivePages implements ConsoleServer.Handler {

  private static final Map<String, String> FILES = files();

  private static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("/", "text/html; charset=utf-8");
    files.put("/console/app.js", "text/javascript; charset=utf-8");
    files.put("/console/app.css", "text/css; charset=utf-8");
    files.put("/console/uplot/uPlot.iife.min.js", "text/javascript; charset=utf-8");
    files.put("/console/uplot/uPlot.min.css", "text/css; charset=utf-8");
    return Collections.unmodifiableMap(files);
  }

  /** Registers all of them. */
  public static void register(ConsoleServer server) {
    LivePages pages = new LivePages();
    FILES.keySet().forEach(path -> server.open(path, pages));
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String file = path.equals("/") ? "console/index.html" : path.substring(1);
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                + " img-src 'self' data:; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'");
    ConsoleReply.file(exchange, FILES.get(path), LivePages.class, file);
  }
}
