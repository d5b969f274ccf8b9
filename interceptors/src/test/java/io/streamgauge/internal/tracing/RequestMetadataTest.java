package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Request metadata as span attributes. */
@UnitTest
class RequestMetadataTest {

  private final SdkTracerProvider sdk = SdkTracerProvider.builder().build();
  private final Span span = sdk.get("test").spanBuilder("call").startSpan();
  private final Metadata headers = new Metadata();

  @AfterEach
  void close() {
    sdk.close();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private Attributes attributes() {
    return ((ReadableSpan) span).getAttributes();
  }

  @Test
  void onlyListedKeysAreKeptUnderTheirLowerCaseNames() {
    headers.put(key("x-tenant"), "acme");
    headers.put(key("authorization"), "secret");
    new RequestMetadata(List.of("X-Tenant", "x-missing")).capture(headers, span);

    assertThat(attributes())
        .isEqualTo(
            Attributes.of(
                AttributeKey.stringArrayKey("rpc.request.metadata.x-tenant"), List.of("acme")));
  }

  @Test
  void valuesAreFewAndShortAndOnOneLine() {
    headers.put(key("x-tenant"), "a\u0085b");
    headers.put(key("x-tenant"), "x".repeat(1_000));
    for (int i = 0; i < 20; i++) {
      headers.put(key("x-tenant"), "v" + i);
    }
    new RequestMetadata(List.of("x-tenant")).capture(headers, span);
    List<String> values =
        attributes().get(AttributeKey.stringArrayKey("rpc.request.metadata.x-tenant"));

    assertThat(values).hasSize(8).startsWith("a?b", "x".repeat(DisplayText.MAX_LENGTH), "v0");
  }

  @Test
  void whatCannotBeAKeyIsRefusedWhenItIsConfigured() {
    assertThatThrownBy(() -> new RequestMetadata(List.of("not a key")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RequestMetadata(List.of("x-token-bin")))
        .isInstanceOf(IllegalArgumentException.class);
    new RequestMetadata(Collections.emptyList()).capture(headers, span);
    assertThat(attributes().isEmpty()).isTrue();
  }

  @Test
  void aRequestsIdIsKeptInTheContextAndOnTheSpan() {
    assertThat(RequestMetadata.requestId(headers, span, Context.root()))
        .as("it has none")
        .isSameAs(Context.root());
    assertThat(RequestMetadata.requestId()).isNull();
    headers.put(key("x-request-id"), "r-1\n" + "x".repeat(1_000));
    Context context = RequestMetadata.requestId(headers, span, Context.root());
    try (Scope scope = context.makeCurrent()) {
      assertThat(RequestMetadata.requestId()).startsWith("r-1?x").hasSize(DisplayText.MAX_LENGTH);
      assertThat(attributes().get(SpanAttributes.REQUEST_ID))
          .isEqualTo(RequestMetadata.requestId());
    }
    assertThat(RequestMetadata.requestId()).isNull();
  }
}
