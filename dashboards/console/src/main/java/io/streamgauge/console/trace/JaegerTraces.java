package io.streamgauge.console.trace;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import zipkin2.Annotation;
import zipkin2.Span;

/**
 * Stored spans in the JSON of Jaeger's query API. A link, which the store keeps as tags, becomes a
 * reference again: {@code FOLLOWS_FROM}, as Jaeger shows links of OpenTelemetry.
 */
final class JaegerTraces {

  private static final String LINK_TRACE = "link.trace_id";
  private static final String LINK_SPAN = "link.span_id";

  private JaegerTraces() {}

  static void write(JsonWriter json, List<Span> trace) throws IOException {
    Map<String, String> processes = new LinkedHashMap<>();
    json.beginObject();
    json.name("traceID").value(trace.get(0).traceId());
    json.name("spans").beginArray();
    for (Span span : trace) {
      String service = span.localServiceName() == null ? "unknown" : span.localServiceName();
      String process = processes.computeIfAbsent(service, name -> "p" + (processes.size() + 1));
      write(json, span, process);
    }
    json.endArray();
    json.name("processes").beginObject();
    for (Map.Entry<String, String> process : processes.entrySet()) {
      json.name(process.getValue()).beginObject();
      json.name("serviceName").value(process.getKey());
      json.name("tags").beginArray().endArray();
      json.endObject();
    }
    json.endObject();
    json.name("warnings").nullValue();
    json.endObject();
  }

  private static void write(JsonWriter json, Span span, String process) throws IOException {
    json.beginObject();
    json.name("traceID").value(span.traceId());
    json.name("spanID").value(span.id());
    json.name("operationName").value(name(span));
    json.name("references").beginArray();
    if (span.parentId() != null) {
      reference(json, "CHILD_OF", span.traceId(), span.parentId());
    }
    links(json, span.tags());
    json.endArray();
    json.name("startTime").value(span.timestampAsLong());
    json.name("duration").value(span.durationAsLong());
    tags(json, span);
    json.name("logs").beginArray();
    for (Annotation annotation : span.annotations()) {
      json.beginObject();
      json.name("timestamp").value(annotation.timestamp());
      json.name("fields").beginArray();
      tag(json, "event", annotation.value());
      json.endArray();
      json.endObject();
    }
    json.endArray();
    json.name("processID").value(process);
    json.name("warnings").nullValue();
    json.endObject();
  }

  /** The store has names in lower case; those of ours begin with a method, whose name is a tag. */
  private static String name(Span span) {
    String method = span.tags().get("rpc.method");
    if (span.name() == null) {
      return "unknown";
    }
    return method != null && span.name().startsWith(method.toLowerCase(Locale.ROOT))
        ? method + span.name().substring(method.length())
        : span.name();
  }

  private static void tags(JsonWriter json, Span span) throws IOException {
    json.name("tags").beginArray();
    // The store has no kind for INTERNAL, which is what a span is that has no other.
    String kind = span.kind() == null ? "internal" : span.kind().name().toLowerCase(Locale.ROOT);
    tag(json, "span.kind", kind);
    for (Map.Entry<String, String> each : span.tags().entrySet()) {
      if (each.getKey().equals("error")) {
        json.beginObject();
        json.name("key").value("error");
        json.name("type").value("bool");
        json.name("value").value(true);
        json.endObject();
        tag(json, "otel.status_code", "ERROR");
        if (!each.getValue().isEmpty()) {
          tag(json, "otel.status_description", each.getValue());
        }
      } else if (!each.getKey().startsWith(LINK_TRACE) && !each.getKey().startsWith(LINK_SPAN)) {
        tag(json, each.getKey(), each.getValue());
      }
    }
    json.endArray();
  }

  private static void links(JsonWriter json, Map<String, String> tags) throws IOException {
    for (Map.Entry<String, String> each : tags.entrySet()) {
      if (each.getKey().startsWith(LINK_TRACE)) {
        String span = tags.get(LINK_SPAN + each.getKey().substring(LINK_TRACE.length()));
        if (span != null) {
          reference(json, "FOLLOWS_FROM", each.getValue(), span);
        }
      }
    }
  }

  private static void reference(JsonWriter json, String type, String trace, String span)
      throws IOException {
    json.beginObject();
    json.name("refType").value(type);
    json.name("traceID").value(trace);
    json.name("spanID").value(span);
    json.endObject();
  }

  private static void tag(JsonWriter json, String key, String value) throws IOException {
    json.beginObject();
    json.name("key").value(key);
    json.name("type").value("string");
    json.name("value").value(value);
    json.endObject();
  }
}
