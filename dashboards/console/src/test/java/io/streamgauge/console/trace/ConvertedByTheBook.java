package io.streamgauge.console.trace;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import zipkin2.Endpoint;
import zipkin2.Span;

/** The mapping of {@link TraceDecoder} once more, from the objects of the generated code. */
final class ConvertedByTheBook {

  /** Annotations kept per span; the rest is counted in the tag {@code events.omitted}. */
  private static final int MAX_ANNOTATIONS = 128;

  private ConvertedByTheBook() {}

  /**
   * Converts a request; spans whose ids are no ids (wrong length, all zeros) are left out.
   *
   * @return the spans, in the order received
   */
  static List<Span> spans(ExportTraceServiceRequest request) {
    List<Span> spans = new ArrayList<>();
    for (ResourceSpans resource : request.getResourceSpansList()) {
      Endpoint local = Endpoint.newBuilder().serviceName(serviceName(resource)).build();
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        for (io.opentelemetry.proto.trace.v1.Span span : scope.getSpansList()) {
          if (isId(span.getTraceId(), 16) && isId(span.getSpanId(), 8)) {
            spans.add(span(span, local));
          }
        }
      }
    }
    return spans;
  }

  private static boolean isId(ByteString id, int size) {
    boolean zero = true;
    for (int i = 0; i < id.size(); i++) {
      zero &= id.byteAt(i) == 0;
    }
    return id.size() == size && !zero;
  }

  private static String serviceName(ResourceSpans resource) {
    for (KeyValue attribute : resource.getResource().getAttributesList()) {
      if (attribute.getKey().equals("service.name")) {
        return text(attribute.getValue());
      }
    }
    return "unknown_service";
  }

  private static Span span(io.opentelemetry.proto.trace.v1.Span from, Endpoint local) {
    Span.Builder to =
        Span.newBuilder()
            .traceId(hex(from.getTraceId()))
            .id(hex(from.getSpanId()))
            .name(from.getName())
            .kind(kind(from.getKind()))
            .localEndpoint(local)
            .timestamp(from.getStartTimeUnixNano() / 1000)
            .duration(
                Math.max(1, (from.getEndTimeUnixNano() - from.getStartTimeUnixNano()) / 1000));
    if (isId(from.getParentSpanId(), 8)) {
      to.parentId(hex(from.getParentSpanId()));
    }
    tags(from, to);
    annotations(from, to);
    return to.build();
  }

  private static void tags(io.opentelemetry.proto.trace.v1.Span from, Span.Builder to) {
    for (KeyValue attribute : from.getAttributesList()) {
      to.putTag(attribute.getKey(), text(attribute.getValue()));
    }
    for (int i = 0; i < from.getLinksCount(); i++) {
      String suffix = i == 0 ? "" : "." + (i + 1);
      to.putTag("link.trace_id" + suffix, hex(from.getLinks(i).getTraceId()));
      to.putTag("link.span_id" + suffix, hex(from.getLinks(i).getSpanId()));
    }
    if (from.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR) {
      to.putTag("error", from.getStatus().getMessage());
    }
  }

  private static void annotations(io.opentelemetry.proto.trace.v1.Span from, Span.Builder to) {
    int shown = Math.min(MAX_ANNOTATIONS, from.getEventsCount());
    for (int i = 0; i < shown; i++) {
      StringBuilder text = new StringBuilder(from.getEvents(i).getName());
      for (KeyValue attribute : from.getEvents(i).getAttributesList()) {
        text.append(' ').append(attribute.getKey()).append('=').append(text(attribute.getValue()));
      }
      to.addAnnotation(from.getEvents(i).getTimeUnixNano() / 1000, text.toString());
    }
    if (shown < from.getEventsCount()) {
      to.putTag("events.omitted", String.valueOf(from.getEventsCount() - shown));
    }
  }

  private static Span.Kind kind(io.opentelemetry.proto.trace.v1.Span.SpanKind kind) {
    return switch (kind) {
      case SPAN_KIND_CLIENT -> Span.Kind.CLIENT;
      case SPAN_KIND_SERVER -> Span.Kind.SERVER;
      case SPAN_KIND_PRODUCER -> Span.Kind.PRODUCER;
      case SPAN_KIND_CONSUMER -> Span.Kind.CONSUMER;
      default -> null;
    };
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      case INT_VALUE -> String.valueOf(value.getIntValue());
      case DOUBLE_VALUE -> String.valueOf(value.getDoubleValue());
      case ARRAY_VALUE ->
          value.getArrayValue().getValuesList().stream()
              .map(ConvertedByTheBook::text)
              .collect(Collectors.joining(","));
      case BYTES_VALUE -> hex(value.getBytesValue());
      default -> "";
    };
  }

  private static String hex(ByteString bytes) {
    StringBuilder hex = new StringBuilder(bytes.size() * 2);
    for (int i = 0; i < bytes.size(); i++) {
      hex.append(Character.forDigit((bytes.byteAt(i) >> 4) & 0xf, 16));
      hex.append(Character.forDigit(bytes.byteAt(i) & 0xf, 16));
    }
    return hex.toString();
  }
}
