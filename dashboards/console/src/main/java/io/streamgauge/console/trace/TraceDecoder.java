package io.streamgauge.console.trace;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span.Event;
import io.opentelemetry.proto.trace.v1.Span.Link;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import zipkin2.Endpoint;
import zipkin2.Span;

/**
 * Reads an OTLP request as zipkin spans, by the OpenTelemetry specification's mapping. Zipkin has
 * no links; they become the tags {@code link.trace_id} and {@code link.span_id}, numbered from the
 * second on.
 *
 * <p>It reads from the stream and makes nothing but these spans, so that what a request takes is
 * known while it grows and {@link TraceLimits} hold before memory is used: two bytes are an empty
 * span, of which generated code makes an object of a hundred.
 */
final class TraceDecoder {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;

  private static final String UNKNOWN_SERVICE = "unknown_service";

  private final CodedInputStream in;
  private final TraceFields fields;
  private final TraceBudget.Share share;
  private final long latestMicros;
  private final List<Span> spans = new ArrayList<>();
  private int seen;
  private int withoutIds;
  private int ahead;

  /**
   * Reads nothing yet.
   *
   * @param share pays for what is made; closed by the caller, when the spans are the store's
   * @param nowMicros microseconds since the epoch
   */
  TraceDecoder(InputStream in, TraceBudget.Share share, long nowMicros) {
    this.in = CodedInputStream.newInstance(in);
    this.share = share;
    fields = new TraceFields(this.in, share);
    latestMicros = nowMicros + TraceLimits.MAX_AHEAD_MICROS;
  }

  /** Spans in the order received, without those that are refused. */
  List<Span> spans() {
    return spans;
  }

  /** Spans whose ids are no ids: of a wrong length, or all zeros. */
  int withoutIds() {
    return withoutIds;
  }

  /** Spans that begin in the future, by more than {@link TraceLimits#MAX_AHEAD_MICROS}. */
  int ahead() {
    return ahead;
  }

  /** Texts that were too long. */
  int cut() {
    return fields.cut();
  }

  /**
   * Reads the whole request.
   *
   * @throws TraceRefusal if it is above a limit
   * @throws com.google.protobuf.InvalidProtocolBufferException if it is no such request
   */
  TraceDecoder read() throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER << 3 | BYTES)) {
        resourceSpans();
      } else {
        in.skipField(tag);
      }
    }
    return this;
  }

  private void resourceSpans() throws IOException {
    Endpoint local = null;
    // Spans that come before the name of their service, as no encoder writes them.
    List<Span.Builder> early = new ArrayList<>();
    int outer = fields.enter();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case ResourceSpans.RESOURCE_FIELD_NUMBER << 3 | BYTES:
          String name = resource();
          local = local == null && name != null ? endpoint(name) : local;
          break;
        case ResourceSpans.SCOPE_SPANS_FIELD_NUMBER << 3 | BYTES:
          scopeSpans(local, early);
          break;
        default:
          in.skipField(tag);
      }
    }
    fields.leave(outer);
    Endpoint known = local == null && !early.isEmpty() ? endpoint(UNKNOWN_SERVICE) : local;
    for (Span.Builder span : early) {
      spans.add(span.localEndpoint(known).build());
    }
  }

  private static Endpoint endpoint(String service) {
    return Endpoint.newBuilder().serviceName(service).build();
  }

  /** The name of the service, or null. */
  private String resource() throws IOException {
    String service = null;
    int attributes = 0;
    fields.beginTexts();
    int outer = fields.enter();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (Resource.ATTRIBUTES_FIELD_NUMBER << 3 | BYTES)) {
        fields.attribute(++attributes, "a resource");
        if (service == null && fields.key().equals("service.name")) {
          service = fields.value();
        }
      } else {
        in.skipField(tag);
      }
    }
    fields.leave(outer);
    return service;
  }

  private void scopeSpans(Endpoint local, List<Span.Builder> early) throws IOException {
    int outer = fields.enter();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (ScopeSpans.SPANS_FIELD_NUMBER << 3 | BYTES)) {
        if (++seen > TraceLimits.MAX_SPANS) {
          throw TraceRefusal.tooLarge("more than " + TraceLimits.MAX_SPANS + " spans in a request");
        }
        share.take(TraceWeight.SPAN);
        fields.beginTexts();
        Span.Builder span = new OneSpan().read();
        if (span != null && local != null) {
          spans.add(span.localEndpoint(local).build());
        } else if (span != null) {
          early.add(span);
        }
      } else {
        in.skipField(tag);
      }
    }
    fields.leave(outer);
  }

  /** The fields of one span while it is read. */
  private final class OneSpan {

    private final Span.Builder to = Span.newBuilder();
    private ByteString traceId = ByteString.EMPTY;
    private ByteString spanId = ByteString.EMPTY;
    private ByteString parentId = ByteString.EMPTY;
    private long start;
    private long end;
    private int attributes;
    private int events;
    private int links;

    /** Null for one that is refused. */
    Span.Builder read() throws IOException {
      int outer = fields.enter();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        field(tag);
      }
      fields.leave(outer);
      if (!isId(traceId, 16) || !isId(spanId, 8)) {
        withoutIds++;
        return null;
      }
      long startMicros = micros(start);
      if (startMicros > latestMicros) {
        ahead++;
        return null;
      }
      if (events > TraceLimits.MAX_EVENTS) {
        to.putTag("events.omitted", String.valueOf(events - TraceLimits.MAX_EVENTS));
      }
      if (isId(parentId, 8)) {
        to.parentId(TraceFields.hex(parentId));
      }
      return to.traceId(TraceFields.hex(traceId))
          .id(TraceFields.hex(spanId))
          .timestamp(startMicros)
          .duration(Math.max(1, (end - start) / 1000));
    }

    private void field(int tag) throws IOException {
      switch (tag) {
        case io.opentelemetry.proto.trace.v1.Span.TRACE_ID_FIELD_NUMBER << 3 | BYTES:
          traceId = fields.id();
          break;
        case io.opentelemetry.proto.trace.v1.Span.SPAN_ID_FIELD_NUMBER << 3 | BYTES:
          spanId = fields.id();
          break;
        case io.opentelemetry.proto.trace.v1.Span.PARENT_SPAN_ID_FIELD_NUMBER << 3 | BYTES:
          parentId = fields.id();
          break;
        case io.opentelemetry.proto.trace.v1.Span.NAME_FIELD_NUMBER << 3 | BYTES:
          to.name(fields.text());
          break;
        case io.opentelemetry.proto.trace.v1.Span.KIND_FIELD_NUMBER << 3 | VARINT:
          to.kind(kind(in.readEnum()));
          break;
        case io.opentelemetry.proto.trace.v1.Span.START_TIME_UNIX_NANO_FIELD_NUMBER << 3 | FIXED64:
          start = in.readFixed64();
          break;
        case io.opentelemetry.proto.trace.v1.Span.END_TIME_UNIX_NANO_FIELD_NUMBER << 3 | FIXED64:
          end = in.readFixed64();
          break;
        case io.opentelemetry.proto.trace.v1.Span.ATTRIBUTES_FIELD_NUMBER << 3 | BYTES:
          fields.attribute(++attributes, "a span");
          to.putTag(fields.key(), fields.value());
          break;
        case io.opentelemetry.proto.trace.v1.Span.EVENTS_FIELD_NUMBER << 3 | BYTES:
          if (++events <= TraceLimits.MAX_EVENTS) {
            event();
          } else {
            in.skipField(tag);
          }
          break;
        case io.opentelemetry.proto.trace.v1.Span.LINKS_FIELD_NUMBER << 3 | BYTES:
          link();
          break;
        case io.opentelemetry.proto.trace.v1.Span.STATUS_FIELD_NUMBER << 3 | BYTES:
          status();
          break;
        default:
          in.skipField(tag);
      }
    }

    private void event() throws IOException {
      share.take(TraceWeight.ANNOTATION);
      long time = 0;
      String name = "";
      StringBuilder text = new StringBuilder();
      int of = 0;
      int outer = fields.enter();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case Event.TIME_UNIX_NANO_FIELD_NUMBER << 3 | FIXED64:
            time = in.readFixed64();
            break;
          case Event.NAME_FIELD_NUMBER << 3 | BYTES:
            name = fields.text();
            break;
          case Event.ATTRIBUTES_FIELD_NUMBER << 3 | BYTES:
            fields.attribute(++of, "an event");
            text.append(' ').append(fields.key()).append('=').append(fields.value());
            break;
          default:
            in.skipField(tag);
        }
      }
      fields.leave(outer);
      to.addAnnotation(micros(time), name + text);
    }

    private void link() throws IOException {
      if (++links > TraceLimits.MAX_ATTRIBUTES) {
        throw TraceRefusal.tooLarge("more than " + TraceLimits.MAX_ATTRIBUTES + " links of a span");
      }
      share.take(2 * (TraceWeight.TAG + 100));
      ByteString trace = ByteString.EMPTY;
      ByteString span = ByteString.EMPTY;
      int outer = fields.enter();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case Link.TRACE_ID_FIELD_NUMBER << 3 | BYTES:
            trace = fields.id();
            break;
          case Link.SPAN_ID_FIELD_NUMBER << 3 | BYTES:
            span = fields.id();
            break;
          default:
            in.skipField(tag);
        }
      }
      fields.leave(outer);
      String suffix = links == 1 ? "" : "." + links;
      to.putTag("link.trace_id" + suffix, TraceFields.hex(trace));
      to.putTag("link.span_id" + suffix, TraceFields.hex(span));
    }

    private void status() throws IOException {
      String message = "";
      int code = 0;
      int outer = fields.enter();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case Status.MESSAGE_FIELD_NUMBER << 3 | BYTES:
            message = fields.text();
            break;
          case Status.CODE_FIELD_NUMBER << 3 | VARINT:
            code = in.readEnum();
            break;
          default:
            in.skipField(tag);
        }
      }
      fields.leave(outer);
      if (code == Status.StatusCode.STATUS_CODE_ERROR_VALUE) {
        to.putTag("error", message);
      }
    }
  }

  private static boolean isId(ByteString id, int size) {
    boolean zero = true;
    for (int i = 0; i < id.size(); i++) {
      zero &= id.byteAt(i) == 0;
    }
    return id.size() == size && !zero;
  }

  /** The number has no sign: one that looks negative is of the far future. */
  private static long micros(long nanos) {
    return Long.divideUnsigned(nanos, 1000);
  }

  private static Span.Kind kind(int number) {
    switch (number) {
      case io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT_VALUE:
        return Span.Kind.CLIENT;
      case io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_SERVER_VALUE:
        return Span.Kind.SERVER;
      case io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_PRODUCER_VALUE:
        return Span.Kind.PRODUCER;
      case io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CONSUMER_VALUE:
        return Span.Kind.CONSUMER;
      default:
        return null;
    }
  }
}
