package io.streamgauge.javaagent.extension;

import com.google.gson.Gson;
import io.streamgauge.console.http.ConsoleLimits;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.io.IOException;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The console's HTTP server with one page; a class of its own, so that it costs nothing when off.
 */
final class ConsoleStreams {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** In the application's process: enough for a viewer and someone who looks, and for refusals. */
  private static final ConsoleLimits LIMITS = ConsoleLimits.standard().threads(8, 4);

  private ConsoleStreams() {}

  static void start(int port) {
    Gson gson = new Gson();
    try {
      ConsoleServer server = new ConsoleServer(port, LIMITS);
      server.get(
          "/api/streams",
          exchange ->
              ConsoleReply.json(
                  exchange, 200, json -> gson.toJson(ConsoleBeans.streams(), Map.class, json)));
      server.start();
      logger.log(
          Level.INFO,
          "Streamgauge: open streams at http://127.0.0.1:{0}/api/streams",
          String.valueOf(server.port()));
    } catch (IOException | RuntimeException e) {
      logger.log(
          Level.WARNING,
          "Streamgauge: no console at streamgauge.console.port={0}: {1}",
          new Object[] {String.valueOf(port), e.getMessage()});
    }
  }
}
