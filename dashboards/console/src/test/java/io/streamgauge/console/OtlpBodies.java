package io.streamgauge.console;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** Bodies of {@code POST /v1/traces}, decent and hostile. */
final class OtlpBodies {

  /** As much as the viewer reads of one body. */
  static final int LARGEST = 16 * 1024 * 1024;

  private OtlpBodies() {}

  static ByteString id(int size, long number) {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    bytes.putLong(size - 8, number);
    return ByteString.copyFrom(bytes.array());
  }

  static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  /** A span that began now, alone in its trace. */
  static Span.Builder span(long number, String name) {
    long now = System.currentTimeMillis() * 1_000_000;
    return Span.newBuilder()
        .setTraceId(id(16, number))
        .setSpanId(id(8, number))
        .setName(name)
        .setStartTimeUnixNano(now)
        .setEndTimeUnixNano(now + 1_000_000);
  }

  static ResourceSpans.Builder of(String service, Span.Builder... spans) {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (Span.Builder span : spans) {
      scope.addSpans(span);
    }
    return ResourceSpans.newBuilder()
        .setResource(Resource.newBuilder().addAttributes(attribute("service.name", service)))
        .addScopeSpans(scope);
  }

  static byte[] request(ResourceSpans.Builder... resources) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    for (ResourceSpans.Builder resource : resources) {
      request.addResourceSpans(resource);
    }
    return request.build().toByteArray();
  }

  static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 10);
    varint(out, number << 3 | 2);
    varint(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    int left = value;
    while ((left & ~0x7f) != 0) {
      out.write((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }

  /** The field of that number, empty, as often as it fits. */
  static byte[] emptyFields(int number) {
    return repeated(new byte[] {(byte) (number << 3 | 2), 0});
  }

  static byte[] repeated(byte[] pattern) {
    // What is around it needs a few bytes as well.
    byte[] all = new byte[(LARGEST - 256) / pattern.length * pattern.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = pattern[i % pattern.length];
    }
    return all;
  }

  /** The content as that of a span with ids. */
  static byte[] inSpan(byte[] content) {
    byte[] span = span(1, "large").build().toByteArray();
    byte[] both = new byte[span.length + content.length];
    System.arraycopy(span, 0, both, 0, span.length);
    System.arraycopy(content, 0, both, span.length, content.length);
    return inScope(field(ScopeSpans.SPANS_FIELD_NUMBER, both));
  }

  static byte[] inScope(byte[] content) {
    return field(
        ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER,
        field(ResourceSpans.SCOPE_SPANS_FIELD_NUMBER, content));
  }

  /** A span whose one attribute has this as its encoded value. */
  static byte[] inAttribute(byte[] value) {
    byte[] key = field(KeyValue.KEY_FIELD_NUMBER, "key".getBytes(StandardCharsets.UTF_8));
    byte[] wrapped = field(KeyValue.VALUE_FIELD_NUMBER, value);
    byte[] both = new byte[key.length + wrapped.length];
    System.arraycopy(key, 0, both, 0, key.length);
    System.arraycopy(wrapped, 0, both, key.length, wrapped.length);
    return inSpan(field(Span.ATTRIBUTES_FIELD_NUMBER, both));
  }

  /** Arrays in arrays, so many levels. */
  static byte[] nested(int levels) {
    // Written from its innermost value outwards, since each length is that of all that follows.
    byte[] reversed = new byte[levels * 12];
    int used = 0;
    for (int i = 0; i < levels; i++) {
      used = prepend(reversed, used, 1);
      used = prepend(reversed, used, AnyValue.ARRAY_VALUE_FIELD_NUMBER);
    }
    byte[] value = new byte[used];
    for (int i = 0; i < used; i++) {
      value[i] = reversed[used - 1 - i];
    }
    return value;
  }

  private static int prepend(byte[] reversed, int used, int number) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    varint(head, number << 3 | 2);
    varint(head, used);
    byte[] bytes = head.toByteArray();
    int now = used;
    for (int i = bytes.length - 1; i >= 0; i--) {
      reversed[now++] = bytes[i];
    }
    return now;
  }

  static byte[] gzip(byte[] body) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return zipped.toByteArray();
  }
}
