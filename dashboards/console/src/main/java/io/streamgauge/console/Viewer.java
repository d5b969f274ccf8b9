package io.streamgauge.console;

import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import io.streamgauge.console.live.LiveConsole;
import io.streamgauge.console.live.LiveSource;
import io.streamgauge.console.trace.JaegerQueries;
import io.streamgauge.console.trace.TraceForward;
import io.streamgauge.console.trace.TracePages;
import io.streamgauge.console.trace.TraceQueries;
import io.streamgauge.console.trace.TraceReceiver;
import io.streamgauge.console.trace.TraceStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The viewer process: shows the streams of its targets live, receives OTLP, keeps a bounded number
 * of spans, shows them in zipkin-lens and to those who speak Jaeger's query API.
 */
final class Viewer implements AutoCloseable {

  private final TraceStore store;
  private final ConsoleServer server;
  private final LiveConsole live;

  /** Null where spans are not forwarded. */
  private final TraceForward forward;

  /**
   * Takes the port.
   *
   * @param targets processes whose streams the live page shows; closed with the viewer
   * @param forward gets the traces as well, and is closed with the viewer; null for none
   * @throws IOException if it is taken
   */
  Viewer(int port, int maxSpans, TraceForward forward, List<LiveSource> targets)
      throws IOException {
    this.forward = forward;
    store = new TraceStore(maxSpans);
    server = new ConsoleServer(port);
    server.post("/v1/traces", new TraceReceiver(store, forward, server.refused()));
    server.getUnder("/zipkin/", new TracePages());
    server.getUnder("/zipkin/api/v2/", new TraceQueries(store));
    new JaegerQueries(store).register(server);
    live = new LiveConsole(server, targets, "/zipkin/traces/");
    server.get("/zipkin", Viewer::toTraces);
    server.get("/api/stats", this::stats);
    server.get("/healthz", exchange -> ConsoleReply.text(exchange, 200, "ok\n"));
  }

  void start() {
    server.start();
    live.start();
  }

  int port() {
    return server.port();
  }

  private static void toTraces(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Location", "/zipkin/");
    ConsoleReply.text(exchange, 302, "traces are under /zipkin/\n");
  }

  private void stats(HttpExchange exchange) throws IOException {
    ConsoleReply.json(
        exchange,
        200,
        json -> {
          json.beginObject();
          json.name("spans").value(store.spans());
          json.name("traces").value(store.traces());
          if (forward != null) {
            json.name("forwarded").value(forward.sent());
            json.name("forward_dropped").value(forward.dropped());
          }
          Map<String, Long> refused = server.refused().counts();
          if (store.folded() > 0) {
            refused.put("services", store.folded());
          }
          if (!refused.isEmpty()) {
            json.name("refused").beginObject();
            for (Map.Entry<String, Long> each : refused.entrySet()) {
              json.name(each.getKey()).value(each.getValue());
            }
            json.endObject();
          }
          json.endObject();
        });
  }

  @Override
  public void close() {
    live.close();
    server.stop();
    if (forward != null) {
      forward.close();
    }
  }
}
