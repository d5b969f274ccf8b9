package io.streamgauge.console;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.Streamgauge;
import io.streamgauge.stream.StreamFacts;
import java.io.IOException;
import java.util.Map;

/** {@code /api/streams}: the open streams, oldest first, at most a page of them. */
final class ConsoleStreams implements ConsoleServer.Handler {

  private static final Gson GSON = new Gson();

  private final Streamgauge gauge;

  ConsoleStreams(Streamgauge gauge) {
    this.gauge = gauge;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Map<String, Object> page = StreamFacts.page(gauge.liveStreams());
    ConsoleReply.json(exchange, 200, json -> GSON.toJson(page, Map.class, json));
  }
}
