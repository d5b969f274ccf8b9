package io.streamgauge.compat.jaeger;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A trace as Jaeger's query API gives it. */
record JaegerTrace(String id, List<JaegerSpan> spans) {

  /** A span and trace that a span refers to. */
  record Reference(String traceId, String spanId) {}

  /**
   * A span; times in microseconds.
   *
   * @param parent null without one
   * @param process tags of its process
   * @param tags values as JSON has them: numbers and booleans are not strings
   */
  record JaegerSpan(
      String traceId,
      String id,
      String service,
      Map<String, JsonElement> process,
      String operation,
      Reference parent,
      List<Reference> links,
      Map<String, JsonElement> tags,
      long start,
      long duration,
      List<String> warnings) {

    /** Null without that tag. */
    String tag(String key) {
      JsonElement value = tags.get(key);
      return value == null ? null : value.getAsString();
    }

    boolean isError() {
      return tags.containsKey("error") && tags.get("error").getAsBoolean();
    }

    boolean is(String kindOfSpan) {
      return operation.endsWith(" " + kindOfSpan);
    }

    boolean isCall(String side) {
      return side.equals(tag("span.kind"));
    }
  }

  static JaegerTrace of(JsonObject json) {
    JsonObject processes = json.getAsJsonObject("processes");
    List<JaegerSpan> spans = new ArrayList<>();
    for (JsonElement each : json.getAsJsonArray("spans")) {
      JsonObject span = each.getAsJsonObject();
      JsonObject process = processes.getAsJsonObject(span.get("processID").getAsString());
      spans.add(span(span, process));
    }
    return new JaegerTrace(json.get("traceID").getAsString(), spans);
  }

  private static JaegerSpan span(JsonObject span, JsonObject process) {
    Reference parent = null;
    List<Reference> links = new ArrayList<>();
    for (JsonElement each : span.getAsJsonArray("references")) {
      JsonObject json = each.getAsJsonObject();
      Reference reference =
          new Reference(json.get("traceID").getAsString(), json.get("spanID").getAsString());
      if (json.get("refType").getAsString().equals("CHILD_OF")) {
        parent = reference;
      } else {
        links.add(reference);
      }
    }
    List<String> warnings = new ArrayList<>();
    if (!span.get("warnings").isJsonNull()) {
      span.getAsJsonArray("warnings").forEach(warning -> warnings.add(warning.getAsString()));
    }
    return new JaegerSpan(
        span.get("traceID").getAsString(),
        span.get("spanID").getAsString(),
        process.get("serviceName").getAsString(),
        tags(process),
        span.get("operationName").getAsString(),
        parent,
        links,
        tags(span),
        span.get("startTime").getAsLong(),
        span.get("duration").getAsLong(),
        warnings);
  }

  private static Map<String, JsonElement> tags(JsonObject of) {
    Map<String, JsonElement> tags = new TreeMap<>();
    for (JsonElement tag : of.getAsJsonArray("tags")) {
      JsonObject json = tag.getAsJsonObject();
      tags.put(json.get("key").getAsString(), json.get("value"));
    }
    return tags;
  }

  /** Null without a span of that id. */
  JaegerSpan span(String spanId) {
    return spans.stream().filter(span -> span.id().equals(spanId)).findFirst().orElse(null);
  }

  /**
   * Spans that Jaeger warns of, but for a server's whose client had the end before it: Jaeger takes
   * that for a clock that is wrong.
   */
  List<JaegerSpan> warned() {
    return spans.stream()
        .filter(span -> !span.warnings().isEmpty())
        .filter(span -> !span.isCall("server") || !endsAfterItsParent(span))
        .toList();
  }

  private boolean endsAfterItsParent(JaegerSpan span) {
    JaegerSpan parent = span.parent() == null ? null : span(span.parent().spanId());
    return parent != null && span.start() + span.duration() >= parent.start() + parent.duration();
  }

  List<JaegerSpan> of(String service, String operation) {
    return spans.stream()
        .filter(span -> span.service().equals(service) && span.operation().equals(operation))
        .toList();
  }
}
