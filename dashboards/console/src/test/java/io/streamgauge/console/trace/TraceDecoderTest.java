package io.streamgauge.console.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TraceDecoderTest {

  private static final long NOW_MICROS = 1_800_000_000_000_000L;

  private static TraceDecoder decode(byte[] body) throws IOException {
    return decode(body, new TraceBudget(1L << 40, 1L << 40));
  }

  private static TraceDecoder decode(byte[] body, TraceBudget budget) throws IOException {
    try (TraceBudget.Share share = budget.share()) {
      return new TraceDecoder(new ByteArrayInputStream(body), share, NOW_MICROS).read();
    }
  }

  private static ByteString bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      text.appendCodePoint(random.nextInt(8) == 0 ? 0x1F30A : 32 + random.nextInt(2_000));
    }
    return text.toString();
  }

  private static AnyValue value(Random random, int depth) {
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (random.nextInt(depth == 0 ? 6 : 8)) {
      case 0 -> value.setBoolValue(random.nextBoolean());
      case 1 -> value.setIntValue(random.nextLong());
      case 2 -> value.setDoubleValue(random.nextGaussian());
      case 3 -> value.setBytesValue(bytes(random, random.nextInt(9)));
      case 4 -> value.clear();
      case 5 -> value.setStringValue(text(random));
      case 6 -> {
        ArrayValue.Builder array = ArrayValue.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.addValues(value(random, depth - 1));
        }
        value.setArrayValue(array);
      }
      default ->
          value.setKvlistValue(
              KeyValueList.newBuilder()
                  .addValues(KeyValue.newBuilder().setKey("k").setValue(value(random, 0))));
    }
    return value.build();
  }

  private static KeyValue attribute(Random random) {
    String key = random.nextInt(10) == 0 ? "service.name" : "k" + random.nextInt(30);
    return KeyValue.newBuilder().setKey(key).setValue(value(random, 3)).build();
  }

  private static Span span(Random random) {
    long start = 1_700_000_000_000_000_000L + random.nextInt(1_000_000_000);
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(bytes(random, random.nextInt(12) == 0 ? random.nextInt(20) : 16))
            .setSpanId(bytes(random, random.nextInt(12) == 0 ? random.nextInt(20) : 8))
            .setTraceState(text(random))
            .setFlags(random.nextInt())
            .setName(text(random))
            .setKindValue(random.nextInt(8))
            .setStartTimeUnixNano(start)
            .setEndTimeUnixNano(start + random.nextInt(1_000_000_000) - 1_000)
            .setDroppedAttributesCount(random.nextInt());
    if (random.nextBoolean()) {
      span.setParentSpanId(bytes(random, 8));
    }
    for (int i = random.nextInt(9); i > 0; i--) {
      span.addAttributes(attribute(random));
    }
    int events = random.nextInt(20) == 0 ? 140 : random.nextInt(4);
    for (int i = 0; i < events; i++) {
      Span.Event.Builder event =
          Span.Event.newBuilder().setTimeUnixNano(start + i).setName(text(random));
      for (int j = random.nextInt(3); j > 0; j--) {
        event.addAttributes(attribute(random));
      }
      span.addEvents(event);
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      span.addLinks(
          Span.Link.newBuilder()
              .setTraceId(bytes(random, 16))
              .setSpanId(bytes(random, 8))
              .setTraceState("a=b")
              .addAttributes(attribute(random)));
    }
    if (random.nextBoolean()) {
      span.setStatus(Status.newBuilder().setCodeValue(random.nextInt(3)).setMessage(text(random)));
    }
    return span.build();
  }

  private static ExportTraceServiceRequest request(Random random) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      ResourceSpans.Builder resource = ResourceSpans.newBuilder().setSchemaUrl("https://schema");
      for (int j = random.nextInt(6); j > 0; j--) {
        resource.getResourceBuilder().addAttributes(attribute(random));
      }
      for (int j = random.nextInt(3); j > 0; j--) {
        ScopeSpans.Builder scope = resource.addScopeSpansBuilder();
        scope.getScopeBuilder().setName("scope").setVersion("1");
        for (int k = random.nextInt(5); k > 0; k--) {
          scope.addSpans(span(random));
        }
      }
      request.addResourceSpans(resource);
    }
    return request.build();
  }

  @Test
  void whatItReadsIsWhatTheGeneratedCodeReads() throws Exception {
    Random random = new Random(20_261_127);
    int compared = 0;
    for (int i = 0; i < 2_000; i++) {
      ExportTraceServiceRequest request = request(random);
      TraceDecoder decoded = decode(request.toByteArray());
      assertThat(decoded.spans()).isEqualTo(ConvertedByTheBook.spans(request));
      assertThat(decoded.cut()).isZero();
      compared += decoded.spans().size();
    }
    assertThat(compared).isGreaterThan(4_000);
  }

  @Test
  void aResourceMayComeAfterItsSpans() throws Exception {
    ResourceSpans.Builder spans = ResourceSpans.newBuilder();
    spans.addScopeSpansBuilder().addSpans(valid());
    ResourceSpans.Builder resource = ResourceSpans.newBuilder();
    resource.getResourceBuilder().addAttributes(attribute("service.name", "shop"));
    ByteString both = spans.build().toByteString().concat(resource.build().toByteString());
    byte[] body = new byte[both.size() + 2];
    body[0] = 10;
    body[1] = (byte) both.size();
    both.copyTo(body, 2);
    assertThat(decode(body).spans().get(0).localServiceName()).isEqualTo("shop");
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static Span.Builder valid() {
    return Span.newBuilder()
        .setTraceId(ByteString.copyFromUtf8("0123456789abcdef"))
        .setSpanId(ByteString.copyFromUtf8("01234567"))
        .setStartTimeUnixNano(NOW_MICROS * 1_000);
  }

  private static byte[] of(Span.Builder... spans) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    ScopeSpans.Builder scope = request.addResourceSpansBuilder().addScopeSpansBuilder();
    for (Span.Builder span : spans) {
      scope.addSpans(span);
    }
    return request.build().toByteArray();
  }

  /** Whatever it is cut off at, or changed in, it is read or refused: no other fault. */
  @Test
  void brokenRequestsAreRefusedAsSuch() throws Exception {
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] body = request(random).toByteArray();
      if (body.length == 0) {
        continue;
      }
      byte[] broken = java.util.Arrays.copyOf(body, 1 + random.nextInt(body.length));
      for (int edits = random.nextInt(4); edits > 0; edits--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      try {
        decode(broken);
      } catch (InvalidProtocolBufferException | TraceRefusal e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void longTextsAreCutAndSaySo() throws Exception {
    String long1 = "x".repeat(TraceLimits.MAX_TEXT - 1) + "ü";
    TraceDecoder decoded =
        decode(of(valid().setName("n").addAttributes(attribute("cut", long1 + "y"))));
    assertThat(decoded.cut()).isEqualTo(1);
    assertThat(decoded.spans().get(0).tags().get("cut"))
        .isEqualTo("x".repeat(TraceLimits.MAX_TEXT - 1) + "… (cut, 16386 bytes)");

    Span.Builder many = valid();
    for (int i = 0; i < 100; i++) {
      many.addAttributes(attribute("k" + i, "x".repeat(10_000)));
    }
    decoded = decode(of(many));
    assertThat(decoded.cut()).isGreaterThan(60);
    long kept = decoded.spans().get(0).tags().values().stream().mapToLong(String::length).sum();
    assertThat(kept).isLessThan(TraceLimits.MAX_SPAN_TEXT + 100 * 30);
  }

  @Test
  void numbersInArraysAreTextAsWell() throws Exception {
    ArrayValue.Builder numbers = ArrayValue.newBuilder();
    for (int i = 0; i < 10_000; i++) {
      numbers.addValues(AnyValue.newBuilder().setIntValue(Long.MIN_VALUE));
    }
    Span.Builder span = valid();
    for (int i = 0; i < 100; i++) {
      span.addAttributes(
          KeyValue.newBuilder()
              .setKey("k" + i)
              .setValue(AnyValue.newBuilder().setArrayValue(numbers)));
    }
    TraceDecoder decoded = decode(of(span));
    assertThat(decoded.cut()).isGreaterThanOrEqualTo(100);
    long kept = decoded.spans().get(0).tags().values().stream().mapToLong(String::length).sum();
    assertThat(kept).isLessThan(TraceLimits.MAX_SPAN_TEXT + 100 * 60);
  }

  @Test
  void aSpanOfTheFarFutureIsRefusedAndCounted() throws Exception {
    long dayAhead = (NOW_MICROS + TraceLimits.MAX_AHEAD_MICROS) * 1_000;
    TraceDecoder decoded =
        decode(
            of(
                valid().setStartTimeUnixNano(dayAhead),
                valid().setStartTimeUnixNano(dayAhead + 1_000),
                valid().setStartTimeUnixNano(-1)));
    assertThat(decoded.spans()).hasSize(1);
    assertThat(decoded.ahead()).isEqualTo(2);
  }

  @Test
  void whatARequestHoldsIsPaidForAndGivenBack() throws Exception {
    TraceBudget budget = new TraceBudget(10_000, 10_000);
    Span.Builder large = valid();
    for (int i = 0; i < 100; i++) {
      large.addAttributes(attribute("k" + i, "v"));
    }
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> decode(of(large), budget))
          .isInstanceOfSatisfying(
              TraceRefusal.class, refusal -> assertThat(refusal.status()).isEqualTo(413));
      assertThat(decode(of(valid()), budget).spans()).hasSize(1);
    }
    try (TraceBudget.Share other = budget.share()) {
      other.take(9_500);
      assertThatThrownBy(() -> decode(of(valid()), budget))
          .isInstanceOfSatisfying(
              TraceRefusal.class, refusal -> assertThat(refusal.status()).isEqualTo(503));
    }
    assertThat(decode(of(valid()), budget).spans()).hasSize(1);
  }
}
