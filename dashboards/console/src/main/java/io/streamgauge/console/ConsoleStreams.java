package io.streamgauge.console;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Streamgauge;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import io.streamgauge.spi.StreamPage;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * {@code /api/streams}: totals over all open streams, and a page of them, worst first; with {@code
 * ?method=…&lane=…&cause=…&side=…} of those that match.
 */
final class ConsoleStreams implements ConsoleServer.Handler {

  private static final Gson GSON = new Gson();

  private final Streamgauge gauge;

  ConsoleStreams(Streamgauge gauge) {
    this.gauge = gauge;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Predicate<StreamSnapshot> filter;
    try {
      filter = filter(exchange.getRequestURI().getRawQuery());
    } catch (IllegalArgumentException e) {
      ConsoleReply.text(exchange, 400, e.getMessage() + "\n");
      return;
    }
    Map<String, Object> page = StreamPage.of(gauge, filter);
    ConsoleReply.json(exchange, 200, json -> GSON.toJson(page, Map.class, json));
  }

  private static Predicate<StreamSnapshot> filter(String query) throws IOException {
    Predicate<StreamSnapshot> filter = stream -> true;
    if (query == null || query.isEmpty()) {
      return filter;
    }
    Set<String> seen = new HashSet<>();
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      if (!seen.add(key)) {
        // Each would be a call deeper for each stream.
        throw new IllegalArgumentException("a filter is given twice");
      }
      String value = equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), "UTF-8");
      filter = filter.and(condition(key, value));
    }
    return filter;
  }

  private static Predicate<StreamSnapshot> condition(String key, String value) {
    switch (key) {
      case "method":
        return stream ->
            (stream.method().service() + "/" + stream.method().method()).contains(value);
      case "lane":
        return stream -> stream.lane().equals(value);
      case "side":
        return stream -> stream.side().label().equals(value);
      case "cause":
        return stream -> stream.cause() != null && stream.cause().label().equals(value);
      default:
        throw new IllegalArgumentException(
            "there is no filter '" + key.replaceAll("[^A-Za-z0-9_-]", "?") + "'");
    }
  }
}
