package io.streamgauge.trace;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.guard.CallPath;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.HeaderHook;
import io.streamgauge.wire.Wire;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Carries the trace over gRPC metadata with the propagators of the user's OpenTelemetry (W3C unless
 * configured otherwise).
 */
public final class TraceHeaders {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

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

  private static final TextMapGetter<Incoming> INCOMING =
      new TextMapGetter<Incoming>() {
        @Override
        public Iterable<String> keys(Incoming incoming) {
          return incoming.headers.keys();
        }

        @Override
        public String get(Incoming incoming, String name) {
          if (incoming == null) {
            return null;
          }
          return name.equals(TRACEPARENT.name())
              ? incoming.traceparent
              : incoming.headers.get(key(name));
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
  private static final Metadata.Key<String> BAGGAGE = key("baggage");

  /** Characters of baggage that are sent; more is dropped as a whole. */
  private static final int MAX_BAGGAGE = 4_096;

  private final TextMapPropagator propagator;
  private final TraceIngress ingress;

  /** Null where no interceptor of upstream's can be on the same call. */
  private final TraceSpanKeys keys = TraceSpanKeys.find();

  private final AtomicBoolean warned = new AtomicBoolean();

  public TraceHeaders(TextMapPropagator propagator, TraceIngress ingress) {
    this.propagator = propagator;
    this.ingress = ingress;
  }

  /** What the caller sent, as far as it is to be believed. */
  private Context extract(StreamRecorder stream, Metadata headers) {
    Context current = Context.current();
    Incoming incoming = new Incoming(headers);
    if (incoming.twice) {
      // Nobody can say which is meant (W3C Trace Context, 3.2: the header is there once).
      stream.refuse("traceparent");
      return current;
    }
    Context extracted = propagator.extract(current, incoming, INCOMING);
    if (ingress == TraceIngress.EDGE) {
      SpanContext caller = Span.fromContext(extracted).getSpanContext();
      if (caller.isRemote()) {
        stream.link(caller);
        return extracted.with(Span.getInvalid());
      }
    }
    return extracted;
  }

  /** The first hook of a call: what the caller sent becomes the stream's context. */
  public HeaderHook extracting() {
    return new HeaderHook() {
      @Override
      public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
        Context current = Context.current();
        Context context = extract(stream, headers);
        Span other = keys == null ? null : keys.foreign(current, SpanKind.SERVER);
        if (other != null) {
          stream.borrowSpan(other);
          context = context.with(other);
        }
        stream.context(context);
      }

      @Override
      public void unstartedHeaders(StreamRecorder stream, Metadata headers) {
        stream.context(extract(stream, headers));
      }

      @Override
      public void clientCall(StreamRecorder stream) {
        Context current = Context.current();
        if (keys != null && keys.foreign(current, SpanKind.CLIENT) == null) {
          // There is no span before the call starts, but others decide now whether to make one.
          stream.context(keys.store(current, SpanKind.CLIENT, Span.fromContext(current)));
        }
      }

      @Override
      public void clientHeaders(
          StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
        Context current = caller();
        stream.context(current);
        Span other = keys == null ? null : keys.foreign(current, SpanKind.CLIENT);
        if (other != null && isIn(headers, other)) {
          stream.borrowSpan(other);
        } else if (headers.containsKey(TRACEPARENT)) {
          warn(stream);
        }
      }
    };
  }

  /**
   * The context a client call is made in: OpenTelemetry's, or, where that is empty, that of the
   * server stream in gRPC's context. Kotlin coroutines carry gRPC's context to each thread they go
   * on, and OpenTelemetry's only with a library of its own.
   */
  private static Context caller() {
    Context current = Context.current();
    if (current == Context.root()) {
      StreamRecorder serving = Wire.current();
      if (serving != null && serving.context() != null) {
        return (Context) serving.context();
      }
    }
    return current;
  }

  /** Whether the span is this very call's, and not that of a call around it. */
  private boolean isIn(Metadata headers, Span span) {
    Context sent = propagator.extract(Context.root(), headers, GETTER);
    String id = Span.fromContext(sent).getSpanContext().getSpanId();
    return id.equals(span.getSpanContext().getSpanId());
  }

  private void warn(StreamRecorder stream) {
    if (warned.compareAndSet(false, true)) {
      logger.log(
          Level.WARNING,
          "{0} was called with a traceparent in its headers: another instrumentation makes spans"
              + " too (then streamgauge.spans=false makes one of two), or headers are used twice."
              + " Ours is the one that is sent; this is said once.",
          stream.method().fullName());
    }
  }

  /** The last hook of a client call: the span, if one was started, goes onto the wire. */
  public HeaderHook injecting() {
    return new HeaderHook() {
      @Override
      public void clientHeaders(
          StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
        if (stream.headerRoom() <= 0) {
          return;
        }
        Context context = (Context) (stream.own() == null ? stream.context() : stream.own());
        if (stream.keepsTag()) {
          context = GrayTags.without(context);
        }
        String own = headers.get(BAGGAGE);
        propagator.inject(context, headers, SETTER);
        String baggage = headers.get(BAGGAGE);
        if (baggage != null
            && !baggage.equals(own)
            && baggage.length() > Math.min(MAX_BAGGAGE, stream.headerRoom())) {
          // A W3C-legal baggage can be larger than all headers gRPC takes.
          headers.discardAll(BAGGAGE);
          stream.refuse("baggage");
        }
      }
    };
  }

  @CallPath
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

  /** Headers of a call that has come in, with the one that is looked at twice read once. */
  private static final class Incoming {
    final Metadata headers;
    final String traceparent;
    final boolean twice;

    Incoming(Metadata headers) {
      this.headers = headers;
      Iterable<String> all = headers.getAll(TRACEPARENT);
      Iterator<String> values = all == null ? null : all.iterator();
      traceparent = values == null ? null : values.next();
      twice = values != null && values.hasNext();
    }
  }
}
