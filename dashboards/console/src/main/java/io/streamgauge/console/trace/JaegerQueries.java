package io.streamgauge.console.trace;

import com.google.gson.stream.JsonWriter;
import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import zipkin2.Span;
import zipkin2.storage.QueryRequest;

/**
 * The four read endpoints of Jaeger's query API, so that a Jaeger UI, or a Grafana data source of
 * that kind, can look into the same store: {@code /api/services}, {@code
 * /api/services/NAME/operations}, {@code /api/traces} and {@code /api/traces/ID}.
 */
public final class JaegerQueries implements ConsoleServer.Handler {

  private static final String SERVICES = "/api/services";
  private static final String TRACES = "/api/traces";
  private static final int LIMIT = 100;
  private static final long LOOKBACK_MICROS = 2 * 24L * 60 * 60 * 1_000_000;

  private final TraceStore store;

  public JaegerQueries(TraceStore store) {
    this.store = store;
  }

  /** Puts the endpoints on a server. */
  public void register(ConsoleServer server) {
    server.get(SERVICES, this);
    server.getUnder(SERVICES + "/", this);
    server.get(TRACES, this);
    server.getUnder(TRACES + "/", this);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try {
      if (path.equals(SERVICES)) {
        strings(exchange, store.storage().serviceAndSpanNames().getServiceNames().execute());
      } else if (path.matches(SERVICES + "/[^/]+/operations")) {
        String service = path.split("/")[3];
        strings(exchange, store.storage().serviceAndSpanNames().getSpanNames(service).execute());
      } else if (path.equals(TRACES)) {
        search(exchange);
      } else if (path.matches(TRACES + "/[0-9a-fA-F]{1,32}")) {
        trace(
            exchange,
            Span.normalizeTraceId(path.substring(TRACES.length() + 1).toLowerCase(Locale.ROOT)));
      } else {
        ConsoleReply.text(exchange, 404, "no such path\n");
      }
    } catch (IllegalArgumentException e) {
      ConsoleReply.text(exchange, 400, e.getMessage() + "\n");
    }
  }

  private void trace(HttpExchange exchange, String id) throws IOException {
    List<Span> spans = store.storage().traces().getTrace(id).execute();
    if (spans.isEmpty()) {
      json(exchange, 404, json -> error(json, "trace not found"));
    } else {
      traces(exchange, Collections.singletonList(spans));
    }
  }

  /** With what is null, as Jaeger has it. */
  private static void json(HttpExchange exchange, int status, ConsoleReply.JsonBody body)
      throws IOException {
    ConsoleReply.json(
        exchange,
        status,
        json -> {
          json.setSerializeNulls(true);
          body.write(json);
        });
  }

  private static void error(JsonWriter json, String message) throws IOException {
    json.beginObject();
    json.name("data").nullValue();
    json.name("total").value(0);
    json.name("limit").value(0);
    json.name("offset").value(0);
    json.name("errors").beginArray().beginObject();
    json.name("code").value(404);
    json.name("msg").value(message);
    json.endObject().endArray();
    json.endObject();
  }

  private void search(HttpExchange exchange) throws IOException {
    Map<String, String> asked = parameters(exchange.getRequestURI().getRawQuery());
    if (asked.containsKey("traceID")) {
      some(exchange, asked.get("traceID"));
      return;
    }
    if (!asked.containsKey("service")) {
      throw new IllegalArgumentException("parameter 'service' is required");
    }
    long now = System.currentTimeMillis() * 1_000;
    long end = TraceLimits.endMillis(number(asked, "end", now) / 1_000);
    long start = Math.max(0, number(asked, "start", end * 1_000 - LOOKBACK_MICROS) / 1_000);
    QueryRequest.Builder query =
        QueryRequest.newBuilder()
            .serviceName(asked.get("service"))
            .endTs(Math.max(1, end))
            .lookback(Math.max(1, end - start))
            .limit(
                (int) Math.max(1, Math.min(TraceLimits.MAX_FOUND, number(asked, "limit", LIMIT))));
    if (asked.containsKey("operation")) {
      query.spanName(asked.get("operation"));
    }
    if (asked.containsKey("minDuration")) {
      query.minDuration(JaegerDuration.micros(asked.get("minDuration")));
    }
    if (asked.containsKey("maxDuration")) {
      query.maxDuration(JaegerDuration.micros(asked.get("maxDuration")));
    }
    if (asked.containsKey("tags")) {
      query.parseAnnotationQuery(JaegerTags.annotationQuery(asked.get("tags")));
    }
    traces(exchange, store.storage().spanStore().getTraces(query.build()).execute());
  }

  /** Those of the ids that are there. */
  private void some(HttpExchange exchange, String ids) throws IOException {
    List<String> known = new ArrayList<>();
    for (String id : ids.split(" ")) {
      known.add(Span.normalizeTraceId(id.toLowerCase(Locale.ROOT)));
    }
    if (known.size() > TraceLimits.MAX_FOUND) {
      throw new IllegalArgumentException(
          "parameter 'traceID' may be given " + TraceLimits.MAX_FOUND + " times at most");
    }
    traces(exchange, store.storage().traces().getTraces(known).execute());
  }

  private static void traces(HttpExchange exchange, List<List<Span>> traces) throws IOException {
    json(
        exchange,
        200,
        json -> {
          json.beginObject();
          json.name("data").beginArray();
          for (List<Span> trace : traces) {
            JaegerTraces.write(json, trace);
          }
          json.endArray();
          end(json, 0); // as in Jaeger
        });
  }

  private static void strings(HttpExchange exchange, List<String> values) throws IOException {
    json(
        exchange,
        200,
        json -> {
          json.beginObject();
          json.name("data").beginArray();
          for (String value : values) {
            json.value(value);
          }
          json.endArray();
          end(json, values.size());
        });
  }

  private static void end(JsonWriter json, int total) throws IOException {
    json.name("total").value(total);
    json.name("limit").value(0);
    json.name("offset").value(0);
    json.name("errors").nullValue();
    json.endObject();
  }

  private static long number(Map<String, String> asked, String name, long otherwise) {
    String value = asked.get(name);
    try {
      return value == null ? otherwise : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is not a number: " + value, e);
    }
  }

  private static Map<String, String> parameters(String query) throws IOException {
    Map<String, String> parameters = new HashMap<>();
    if (query != null) {
      for (String pair : query.split("&")) {
        int equals = pair.indexOf('=');
        if (equals > 0 && equals < pair.length() - 1) {
          String name = URLDecoder.decode(pair.substring(0, equals), "UTF-8");
          parameters.merge(
              name,
              URLDecoder.decode(pair.substring(equals + 1), "UTF-8"),
              // The one that may be given several times; of the others Jaeger takes the first.
              (one, other) -> name.equals("traceID") ? one + " " + other : one);
        }
      }
    }
    return parameters;
  }
}
