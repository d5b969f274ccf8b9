package io.streamgauge.trace;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.HeaderHook;
import java.util.Iterator;
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

  private static final Metadata.Key<String> TRACEPARENT = key("traceparent");

  private final TextMapPropagator propagator;
  private final TraceIngress ingress;

  public TraceHeaders(TextMapPropagator propagator, TraceIngress ingress) {
    this.propagator = propagator;
    this.ingress = ingress;
  }

  /** What the caller sent, as far as it is to be believed. */
  private Context extract(StreamRecorder stream, Metadata headers) {
    Context current = Context.current();
    if (isTwice(headers)) {
      // Nobody can say which is meant (W3C Trace Context, 3.2: the header is there once).
      stream.refuse("traceparent");
      return current;
    }
    Context extracted = propagator.extract(current, headers, GETTER);
    if (ingress == TraceIngress.EDGE) {
      SpanContext caller = Span.fromContext(extracted).getSpanContext();
      if (caller.isRemote()) {
        stream.link(caller);
        return extracted.with(Span.getInvalid());
      }
    }
    return extracted;
  }

  private static boolean isTwice(Metadata headers) {
    Iterable<String> all = headers.getAll(TRACEPARENT);
    if (all == null) {
      return false;
    }
    Iterator<String> values = all.iterator();
    values.next();
    return values.hasNext();
  }

  /** The first hook of a call: what the caller sent becomes the stream's context. */
  public HeaderHook extracting() {
    return new HeaderHook() {
      @Override
      public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
        stream.context(extract(stream, headers));
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
