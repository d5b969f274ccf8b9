package io.streamgauge.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Small bodies that become large, sent to a viewer with 64 MB of heap: it answers, and goes on. */
class ViewerBombTest {

  /** Senders of the same bomb at one time. */
  private static final int SENDERS = 4;

  private static final byte[] DECENT =
      OtlpBodies.request(OtlpBodies.of("shop", OtlpBodies.span(7, "Pay")));

  private static ViewerProcess viewer;
  private static ExecutorService senders;

  @BeforeAll
  static void start() throws Exception {
    viewer = new ViewerProcess();
    senders = Executors.newFixedThreadPool(SENDERS);
  }

  @AfterAll
  static void stop() throws Exception {
    senders.shutdownNow();
    viewer.close();
  }

  static Stream<Arguments> bombs() {
    return Stream.of(
        bomb(413, "spans", OtlpBodies.inScope(OtlpBodies.emptyFields(2))),
        bomb(413, "attributes", span(Span.ATTRIBUTES_FIELD_NUMBER)),
        bomb(413, "links", span(Span.LINKS_FIELD_NUMBER)),
        bomb(200, "events", span(Span.EVENTS_FIELD_NUMBER)),
        bomb(200, "resources", OtlpBodies.emptyFields(1)),
        bomb(200, "scopes", OtlpBodies.field(1, OtlpBodies.emptyFields(2))),
        bomb(413, "attributes of a resource", resourceAttributes()),
        bomb(413, "attributes of many spans", manyAttributes()),
        bomb(200, "a large text", largeText(AnyValue.STRING_VALUE_FIELD_NUMBER)),
        bomb(200, "large bytes", largeText(AnyValue.BYTES_VALUE_FIELD_NUMBER)),
        bomb(200, "values of an array", array()),
        bomb(413, "values in values", OtlpBodies.inAttribute(OtlpBodies.nested(1_000_000))),
        bomb(400, "groups in groups", OtlpBodies.repeated(new byte[] {0x0b})),
        Arguments.of(413, "more than the largest body", larger()),
        Arguments.of(500, "empty members of a gzip file", emptyMembers()));
  }

  private static Arguments bomb(int status, String name, byte[] body) {
    return Arguments.of(status, name, OtlpBodies.gzip(body));
  }

  private static byte[] span(int field) {
    return OtlpBodies.inSpan(OtlpBodies.emptyFields(field));
  }

  private static byte[] resourceAttributes() {
    return OtlpBodies.field(
        1, OtlpBodies.field(ResourceSpans.RESOURCE_FIELD_NUMBER, OtlpBodies.emptyFields(1)));
  }

  /** As many as one span may have, each of another name, in as many spans as fit. */
  private static byte[] manyAttributes() {
    ByteArrayOutputStream spans = new ByteArrayOutputStream();
    byte[] span = null;
    for (int number = 1; span == null || spans.size() + span.length < OtlpBodies.LARGEST - 256; ) {
      Span.Builder next = OtlpBodies.span(number++, "");
      for (int i = 0; i < 1_000; i++) {
        next.addAttributes(OtlpBodies.attribute(Integer.toString(i, 36), ""));
      }
      span = OtlpBodies.field(ScopeSpans.SPANS_FIELD_NUMBER, next.build().toByteArray());
      spans.writeBytes(span);
    }
    return OtlpBodies.inScope(spans.toByteArray());
  }

  private static byte[] largeText(int field) {
    return OtlpBodies.inAttribute(
        OtlpBodies.field(field, OtlpBodies.repeated(new byte[] {(byte) 'x'})));
  }

  private static byte[] array() {
    return OtlpBodies.inAttribute(
        OtlpBodies.field(AnyValue.ARRAY_VALUE_FIELD_NUMBER, OtlpBodies.emptyFields(1)));
  }

  /** A field of 1 GiB that is no field of OTLP, in a megabyte. */
  private static byte[] larger() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(OtlpBodies.gzip(new byte[] {15 << 3 | 2, -128, -128, -128, -128, 4}));
    byte[] part = OtlpBodies.gzip(new byte[1 << 20]);
    for (int i = 0; i < 1_024; i++) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** The JDK's stream goes a call deeper with each: a StackOverflowError. */
  private static byte[] emptyMembers() {
    return OtlpBodies.repeated(OtlpBodies.gzip(new byte[0]));
  }

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("bombs")
  void aBombIsAnsweredAndTheViewerGoesOn(int status, String name, byte[] zipped) throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 2 * SENDERS; i++) {
      answers.add(CompletableFuture.supplyAsync(() -> send(zipped), senders));
    }
    for (CompletableFuture<HttpResponse<String>> each : answers) {
      HttpResponse<String> answer = each.get();
      // One that finds the others' bytes in memory may be asked to come again.
      assertThat(answer.statusCode()).as(answer.body()).isIn(status, 503);
      if (answer.statusCode() >= 400) {
        assertThat(answer.body().lines()).hasSize(1);
      }
      if (answer.statusCode() == 503) {
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      }
    }
    assertThat(viewer.postGzip(zipped).statusCode()).isEqualTo(status);

    assertThat(viewer.post(DECENT).statusCode()).isEqualTo(200);
    assertThat(viewer.get("/zipkin/api/v2/trace/" + "0".repeat(31) + "7").statusCode())
        .isEqualTo(200);
    assertThat(viewer.log()).doesNotContain("Exception in thread");
  }

  private static HttpResponse<String> send(byte[] zipped) {
    try {
      return viewer.postGzip(zipped);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
