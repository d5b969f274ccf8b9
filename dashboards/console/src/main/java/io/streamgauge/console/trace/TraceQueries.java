package io.streamgauge.console.trace;

import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import zipkin2.DependencyLink;
import zipkin2.Span;
import zipkin2.codec.BytesEncoder;
import zipkin2.codec.DependencyLinkBytesEncoder;
import zipkin2.codec.SpanBytesEncoder;
import zipkin2.storage.QueryRequest;

/** The part of zipkin's v2 query API that zipkin-lens asks for, under {@code /zipkin/api/v2/}. */
public final class TraceQueries implements ConsoleServer.Handler {

  static final String PREFIX = "/zipkin/api/v2/";

  private static final long DEFAULT_LOOKBACK_MS = 24L * 60 * 60 * 1000;

  private final TraceStore store;

  public TraceQueries(TraceStore store) {
    this.store = store;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(PREFIX.length());
    try {
      answer(exchange, path, parameters(exchange));
    } catch (IllegalArgumentException e) {
      ConsoleReply.text(exchange, 400, e.getMessage() + "\n");
    }
  }

  private void answer(HttpExchange exchange, String path, Map<String, String> parameters)
      throws IOException {
    String service = parameters.getOrDefault("serviceName", "");
    if (path.equals("services")) {
      strings(exchange, store.storage().serviceAndSpanNames().getServiceNames().execute());
    } else if (path.equals("spans")) {
      strings(exchange, store.storage().serviceAndSpanNames().getSpanNames(service).execute());
    } else if (path.equals("remoteServices")) {
      strings(
          exchange, store.storage().serviceAndSpanNames().getRemoteServiceNames(service).execute());
    } else if (path.equals("autocompleteKeys") || path.equals("autocompleteValues")) {
      // Advertised keys make Lens 3.4.3 append an empty condition that matches nothing.
      strings(exchange, Collections.emptyList());
    } else if (path.equals("traces")) {
      traces(exchange, store.storage().spanStore().getTraces(query(parameters)).execute());
    } else if (path.equals("traceMany")) {
      List<String> ids = Arrays.asList(parameters.getOrDefault("traceIds", "").split(","));
      traces(exchange, store.storage().traces().getTraces(ids).execute());
    } else if (path.startsWith("trace/")) {
      trace(exchange, Span.normalizeTraceId(path.substring("trace/".length())));
    } else if (path.equals("dependencies")) {
      List<DependencyLink> links =
          store
              .storage()
              .spanStore()
              .getDependencies(end(parameters), lookback(parameters))
              .execute();
      body(exchange, out -> list(out, links, DependencyLinkBytesEncoder.JSON_V1));
    } else {
      ConsoleReply.text(exchange, 404, "no such path\n");
    }
  }

  private void trace(HttpExchange exchange, String id) throws IOException {
    List<Span> spans = store.storage().traces().getTrace(id).execute();
    if (spans.isEmpty()) {
      ConsoleReply.text(exchange, 404, "no trace " + id + "\n");
    } else {
      body(exchange, out -> list(out, spans, SpanBytesEncoder.JSON_V2));
    }
  }

  private static QueryRequest query(Map<String, String> parameters) {
    QueryRequest.Builder query =
        QueryRequest.newBuilder()
            .endTs(end(parameters))
            .lookback(lookback(parameters))
            .limit((int) Math.min(TraceLimits.MAX_FOUND, number(parameters, "limit", 10)));
    if (parameters.containsKey("serviceName")) {
      query.serviceName(parameters.get("serviceName"));
    }
    if (parameters.containsKey("remoteServiceName")) {
      query.remoteServiceName(parameters.get("remoteServiceName"));
    }
    if (parameters.containsKey("spanName")) {
      query.spanName(parameters.get("spanName"));
    }
    if (parameters.containsKey("annotationQuery")) {
      query.parseAnnotationQuery(parameters.get("annotationQuery"));
    }
    if (parameters.containsKey("minDuration")) {
      query.minDuration(number(parameters, "minDuration", 0));
    }
    if (parameters.containsKey("maxDuration")) {
      query.maxDuration(number(parameters, "maxDuration", 0));
    }
    return query.build();
  }

  private static long end(Map<String, String> parameters) {
    return TraceLimits.endMillis(number(parameters, "endTs", System.currentTimeMillis()));
  }

  private static long lookback(Map<String, String> parameters) {
    // Not beyond the epoch: the store counts in microseconds, which would be no number.
    return Math.min(end(parameters), number(parameters, "lookback", DEFAULT_LOOKBACK_MS));
  }

  private static long number(Map<String, String> parameters, String name, long otherwise) {
    String value = parameters.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is not a number: " + value, e);
    }
  }

  private static Map<String, String> parameters(HttpExchange exchange) throws IOException {
    Map<String, String> parameters = new HashMap<>();
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null) {
      for (String pair : query.split("&")) {
        int equals = pair.indexOf('=');
        if (equals > 0 && equals < pair.length() - 1) {
          parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        }
      }
    }
    return parameters;
  }

  private static String decode(String text) throws IOException {
    return URLDecoder.decode(text, "UTF-8");
  }

  private static void strings(HttpExchange exchange, List<String> values) throws IOException {
    ConsoleReply.json(
        exchange,
        200,
        json -> {
          json.beginArray();
          for (String value : values) {
            json.value(value);
          }
          json.endArray();
        });
  }

  private static void traces(HttpExchange exchange, List<List<Span>> traces) throws IOException {
    body(
        exchange,
        out -> {
          out.write('[');
          for (int i = 0; i < traces.size(); i++) {
            if (i > 0) {
              out.write(',');
            }
            list(out, traces.get(i), SpanBytesEncoder.JSON_V2);
          }
          out.write(']');
        });
  }

  /** One after the other, so that only one is in memory as JSON. */
  private static <T> void list(OutputStream out, List<T> values, BytesEncoder<T> encoder)
      throws IOException {
    out.write('[');
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      out.write(encoder.encode(values.get(i)));
    }
    out.write(']');
  }

  private static void body(HttpExchange exchange, ConsoleReply.Body json) throws IOException {
    ConsoleReply.body(exchange, 200, "application/json; charset=utf-8", json);
  }
}
