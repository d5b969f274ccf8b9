package io.streamgauge.trace;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.HeaderHook;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Carries the trace over gRPC metadata with the propagators of the user's OpenTelemetry (W3C unless
 * configured otherwise).
 */
public final class TraceHeaders {

  private static final int MAX_KEYS = 64;

  private static final Map<String, Metadata.Key<String>> KEYS = new ConcurrentHashMap<>();

  private static final TextMapGetter<Metadata> GETTER =
      new TextMapGetter<Metadata>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
          return headers.keys();
        }

        @Override
        public String get(Metadata headers, String name) {
          return headers == null ? null : headers.get(key(name));
        }
      };

  /** Removes before it puts, so that headers reused by the application do not pile up. */
  private static final TextMapSetter<Metadata> SETTER =
      (headers, name, value) -> {
        if (headers != null) {
          Metadata.Key<String> key = key(name);
          headers.discardAll(key);
          headers.put(key, value);
        }
      };

  private final TextMapPropagator propagator;

  public TraceHeaders(TextMapPropagator propagator) {
    this.propagator = propagator;
  }

  /** The first hook of a call: what the caller sent becomes the stream's context. */
  public HeaderHook extracting() {
    return new HeaderHook() {
      @Override
      public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
        stream.context(propagator.extract(Context.current(), headers, GETTER));
      }

      @Override
      public void clientHeaders(
          StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
        stream.context(Context.current());
      }
    };
  }

  /** The last hook of a client call: the span, if one was started, goes onto the wire. */
  public HeaderHook injecting() {
    return new HeaderHook() {
      @Override
      public void clientHeaders(
          StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
        Context context = (Context) stream.context();
        if (stream.span() != null) {
          context = context.with((Span) stream.span());
        }
        propagator.inject(context, headers, SETTER);
      }
    };
  }

  private static Metadata.Key<String> key(String name) {
    Metadata.Key<String> known = KEYS.get(name);
    if (known != null) {
      return known;
    }
    Metadata.Key<String> made = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    if (KEYS.size() < MAX_KEYS) {
      KEYS.put(name, made);
    }
    return made;
  }
}
