package io.streamgauge.internal.tracing;

import io.grpc.Metadata;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.streamgauge.internal.guard.CallPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Request metadata as span attributes: keys the operator has listed, and {@code x-request-id} of a
 * call that brought no trace, so that it can still be found. Values are one line of at most {@value
 * DisplayText#MAX_LENGTH} characters, and at most {@value #MAX_VALUES} of a key are taken.
 */
public final class RequestMetadata {

  private static final int MAX_VALUES = 8;

  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final ContextKey<String> REQUEST = ContextKey.named("streamgauge-request-id");

  private final Map<Metadata.Key<String>, AttributeKey<List<String>>> keys = new LinkedHashMap<>();

  /**
   * Captures keys.
   *
   * @throws IllegalArgumentException for what cannot be a metadata key with text in it
   */
  RequestMetadata(Collection<String> names) {
    for (String name : names) {
      String lower = name.toLowerCase(Locale.ROOT);
      keys.put(
          Metadata.Key.of(lower, Metadata.ASCII_STRING_MARSHALLER), SpanAttributes.metadata(lower));
    }
  }

  @CallPath
  void capture(Metadata headers, Span span) {
    if (keys.isEmpty()) {
      return;
    }
    keys.forEach(
        (key, attribute) -> {
          Iterable<String> found = headers.getAll(key);
          if (found != null) {
            List<String> values = new ArrayList<>();
            for (String value : found) {
              if (values.size() < MAX_VALUES) {
                values.add(DisplayText.line(value));
              }
            }
            span.setAttribute(attribute, values);
          }
        });
  }

  /** The context with the request's id in it, if the request has one. */
  public static Context requestId(Metadata headers, Span span, Context context) {
    String id = headers.get(REQUEST_ID);
    if (id == null) {
      return context;
    }
    String cut = DisplayText.line(id);
    span.setAttribute(SpanAttributes.REQUEST_ID, cut);
    return context.with(REQUEST, cut);
  }

  /** The id of the request that is being handled, if it came without a trace; else null. */
  public static String requestId() {
    return Context.current().get(REQUEST);
  }
}
