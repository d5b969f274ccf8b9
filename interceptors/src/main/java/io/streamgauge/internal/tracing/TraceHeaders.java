package io.streamgauge.internal.tracing;

import io.grpc.Metadata;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.TraceTrust;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.grpc.ServerStreams;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tagging.TagContext;
import io.streamgauge.internal.tagging.Tags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Carries the trace over gRPC metadata with the propagators of the user's OpenTelemetry (W3C unless
 * configured otherwise).
 */
public final class TraceHeaders {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private final TextMapGetter<Metadata> getter =
      new TextMapGetter<Metadata>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
          return headers.keys();
        }

        @Override
        public String get(Metadata headers, String name) {
          Metadata.Key<String> key = headers == null ? null : key(name);
          return key == null ? null : headers.get(key);
        }

        @Override
        public Iterator<String> getAll(Metadata headers, String name) {
          return all(headers, key(name));
        }
      };

  private final TextMapGetter<Incoming> incoming =
      new TextMapGetter<Incoming>() {
        @Override
        public Iterable<String> keys(Incoming incoming) {
          return incoming.fieldsOnly ? propagator.fields() : incoming.headers.keys();
        }

        @Override
        public String get(Incoming incoming, String name) {
          if (incoming == null) {
            return null;
          }
          try {
            return getter.get(incoming.headers, name);
          } catch (RuntimeException ours) {
            incoming.fault = ours;
            throw ours;
          }
        }

        @Override
        public Iterator<String> getAll(Incoming incoming, String name) {
          if (incoming == null) {
            return Collections.emptyIterator();
          }
          try {
            return getter.getAll(incoming.headers, name);
          } catch (RuntimeException ours) {
            incoming.fault = ours;
            throw ours;
          }
        }
      };

  /** Removes before it puts, so that headers reused by the application do not pile up. */
  private final TextMapSetter<Metadata> setter =
      (headers, name, value) -> {
        if (headers != null) {
          Metadata.Key<String> key = key(name);
          if (key == null || !isText(value)) {
            unsendable(name);
            return;
          }
          headers.discardAll(key);
          headers.put(key, value);
        }
      };

  private static final Metadata.Key<String> TRACEPARENT = ascii("traceparent");
  private static final Metadata.Key<String> BAGGAGE = ascii("baggage");

  /**
   * Baggage entries of these propagators are headers of their own, which their {@code fields} do
   * not list: they cannot know them.
   */
  private static final String[][] BAGGAGE_PREFIXES = {
    {"uber-trace-id", "uberctx-"}, {"ot-tracer-traceid", "ot-baggage-"}
  };

  /** Characters of baggage that are sent; more is dropped as a whole. */
  private static final int MAX_BAGGAGE = 4_096;

  /** Which trace it is, in the words of the propagators that OpenTelemetry ships. */
  private static final Set<String> TRACE_NAMES =
      new HashSet<>(
          Arrays.asList("traceparent", "tracestate", "b3", "uber-trace-id", "x-amzn-trace-id"));

  private final TextMapPropagator propagator;

  /** Null where the propagator is not W3C's. */
  private final W3cHeaders w3c;

  private final TraceTrust ingress;

  /** The keys of the propagator's fields, by the names it uses. */
  private final Map<String, Metadata.Key<String>> fields = new HashMap<>();

  /** The fields that say which trace it is; not the baggage, which an application may write. */
  private final List<Metadata.Key<String>> traceFields = new ArrayList<>();

  /** Of baggage entries that are headers of their own; empty for most propagators. */
  private final List<String> prefixes = new ArrayList<>();

  private final AtomicBoolean unsendable = new AtomicBoolean();

  /** Null where no interceptor of upstream's can be on the same call. */
  private final UpstreamSpanKeys keys = UpstreamSpanKeys.find();

  private final AtomicBoolean warned = new AtomicBoolean();

  public TraceHeaders(TextMapPropagator propagator, TraceTrust ingress) {
    this.propagator = propagator;
    this.w3c = W3cHeaders.of(propagator);
    this.ingress = ingress;
    for (String field : propagator.fields()) {
      Metadata.Key<String> key = ascii(field);
      if (key != null && fields.put(field, key) == null && isTrace(key.name())) {
        traceFields.add(key);
      }
    }
    for (String[] prefix : BAGGAGE_PREFIXES) {
      if (fields.containsKey(prefix[0])) {
        prefixes.add(prefix[1]);
      }
    }
  }

  /** A propagator of the user's may have fields that an application writes by hand as well. */
  private static boolean isTrace(String name) {
    return TRACE_NAMES.contains(name) || name.startsWith("x-b3-") || name.startsWith("ot-tracer-");
  }

  /** What the caller sent, as far as it is to be believed, over what is current. */
  private Context extract(
      StreamRecorder stream, Context current, Metadata headers, Baggage onlyTag) {
    byte[] sent = W3cHeaders.sent(headers);
    if (sent == null && W3cHeaders.isSent(headers)) {
      // It is unknown which of the two is meant (W3C Trace Context, 3.2: the header is there once).
      stream.refuse("traceparent");
      return current;
    }
    Context extracted =
        w3c == null || W3cHeaders.isMore(headers)
            ? extract(stream, current, new Incoming(headers))
            : read(stream, current, headers, sent, onlyTag);
    if (ingress == TraceTrust.EDGE) {
      SpanContext caller = Span.fromContext(extracted).getSpanContext();
      if (caller.isRemote()) {
        CallTrace.made(stream).link(caller);
        return CallContext.with(stream, extracted, Span.getInvalid());
      }
    }
    return extracted;
  }

  /** As W3C's propagators, where the caller has sent no trace state. */
  @CallPath
  private Context read(
      StreamRecorder stream, Context current, Metadata headers, byte[] sent, Baggage onlyTag) {
    IdSpan caller = sent == null ? null : W3cHeaders.parse(sent);
    Context context = caller == null ? current : CallContext.with(stream, current, caller);
    if (!w3c.baggage) {
      return context;
    }
    Baggage baggage = onlyTag;
    if (baggage == null && headers.containsKey(BAGGAGE)) {
      baggage =
          Baggage.fromContextOrNull(
              W3CBaggagePropagator.getInstance().extract(Context.root(), headers, getter));
    }
    return baggage == null ? context : CallContext.with(stream, context, baggage);
  }

  /**
   * A propagator may throw at what a stranger has put into a baggage header of its own (Jaeger's at
   * a percent sign). The trace is then read without those headers, and if need be not at all.
   */
  private Context extract(StreamRecorder stream, Context current, Incoming sent) {
    try {
      return propagator.extract(current, sent, incoming);
    } catch (RuntimeException malformed) {
      if (sent.fault != null) {
        throw sent.fault; // ours, for the guard to count
      }
      stream.refuse("propagation");
    }
    try {
      sent.fieldsOnly = true;
      return propagator.extract(current, sent, incoming);
    } catch (RuntimeException malformed) {
      return current;
    }
  }

  /** Whether the caller's baggage is read from bytes. */
  public boolean readsBaggage() {
    return w3c != null && w3c.baggage;
  }

  /**
   * What the caller sent becomes the context of a server's stream.
   *
   * @param onlyTag what the header {@code baggage} says if it has nothing but a tag; else null
   */
  @CallPath
  public void extract(StreamRecorder stream, Metadata headers, Baggage onlyTag) {
    Context current = Context.current();
    Context base = keys == null && w3c != null ? CallContext.serve(stream, current) : current;
    CallContext.callbacks(stream, base); // for the steps after this one, should it fail
    Context context = extract(stream, base, headers, onlyTag);
    Span other = keys == null ? null : keys.foreign(current, SpanKind.SERVER);
    if (other != null) {
      CallTrace.made(stream).borrow(other);
      context = context.with(other);
    }
    CallContext.callbacks(stream, context);
  }

  /** The same for a server's stream that ends before an interceptor saw it. */
  public void extractUnstarted(StreamRecorder stream, Metadata headers) {
    CallContext.callbacks(stream, extract(stream, Context.current(), headers, null));
  }

  /** A client's call is about to be made: what is current for the interceptors below ours. */
  public void make(StreamRecorder stream) {
    if (keys == null) {
      return;
    }
    Context current = Context.current();
    if (keys.foreign(current, SpanKind.CLIENT) == null) {
      // There is no span before the call starts, but others decide now whether to make one.
      CallContext.callbacks(
          stream, keys.store(current, SpanKind.CLIENT, Span.fromContext(current)));
    }
  }

  /**
   * What is current becomes the context of a client's stream.
   *
   * @param none whether the application gave the call no headers
   */
  @CallPath
  public void begin(StreamRecorder stream, Metadata headers, boolean none) {
    Context current = caller();
    CallContext.call(stream, current);
    Span other = keys == null ? null : keys.foreign(current, SpanKind.CLIENT);
    if (other != null && isIn(headers, other)) {
      CallTrace.made(stream).borrow(other);
    } else if (!none && headers.containsKey(TRACEPARENT)) {
      warn(stream);
    }
  }

  /**
   * The context a client call is made in: OpenTelemetry's, or, where that is empty, that of the
   * server stream in gRPC's context. Kotlin coroutines carry gRPC's context to each thread they go
   * on, and OpenTelemetry's only with a library of its own.
   */
  private static Context caller() {
    Context current = Context.current();
    if (current == Context.root()) {
      StreamRecorder serving = ServerStreams.current();
      Context context = serving == null ? null : CallContext.callbacks(serving);
      if (context != null) {
        // Called by a hook of the application's, the stream's own may still be filled in.
        return CallContext.lasting(context);
      }
    }
    return current;
  }

  /** Whether the span is this very call's, and not that of a call around it. */
  private boolean isIn(Metadata headers, Span span) {
    Context sent = propagator.extract(Context.root(), headers, getter);
    String id = Span.fromContext(sent).getSpanContext().getSpanId();
    return id.equals(span.getSpanContext().getSpanId());
  }

  private void warn(StreamRecorder stream) {
    if (warned.compareAndSet(false, true)) {
      logger.log(
          Level.WARNING,
          "{0} was called with a traceparent in its headers: another instrumentation makes spans"
              + " too (then streamgauge.spans=false makes one of two), or headers are used twice."
              + " Streamgauge sends its own, and logs this once.",
          stream.method().fullName());
    }
  }

  /**
   * The span of a client's call, if one was started, goes onto the wire.
   *
   * @param none whether there is no header yet
   * @return whether the headers may have anything now besides the trace
   */
  @CallPath
  public boolean inject(StreamRecorder stream, Metadata headers, boolean none) {
    if (stream.headerRoom() <= 0) {
      return true;
    }
    Context own = CallContext.measured(stream);
    Context context = own == null ? CallContext.callbacks(stream) : own;
    if (Tags.isKept(stream)) {
      context = TagContext.without(context);
    }
    SpanContext ids = Span.fromContext(context).getSpanContext();
    boolean plain = w3c != null && ids instanceof TraceIds && ids.getTraceState().isEmpty();
    boolean baggage = !plain || (w3c.baggage && !Baggage.fromContext(context).isEmpty());
    if (none && !baggage) {
      W3cHeaders.write(headers, (TraceIds) ids, true);
      return false;
    }
    injectMore(stream, context, headers, plain ? (TraceIds) ids : null, baggage);
    return true;
  }

  /**
   * The same where there may be headers already.
   *
   * @param ids of the span, if they are all there is to send of it; else null
   */
  private void injectMore(
      StreamRecorder stream, Context context, Metadata headers, TraceIds ids, boolean baggage) {
    String before = headers.get(BAGGAGE);
    if (Span.fromContext(context).getSpanContext().isValid()) {
      // What a proxy has copied there belongs to another trace, and would be sent with ours.
      clear(headers);
    }
    if (ids == null) {
      propagator.inject(context, headers, setter);
    } else {
      W3cHeaders.write(headers, ids, false);
      if (baggage) {
        W3CBaggagePropagator.getInstance().inject(context, headers, setter);
      }
    }
    String after = headers.get(BAGGAGE);
    if (after != null
        && !after.equals(before)
        && after.length() > Math.min(MAX_BAGGAGE, stream.headerRoom())) {
      // A W3C-legal baggage can be larger than all headers gRPC takes.
      headers.discardAll(BAGGAGE);
      stream.refuse("baggage");
    }
  }

  private void clear(Metadata headers) {
    for (int i = 0; i < traceFields.size(); i++) {
      headers.discardAll(traceFields.get(i));
    }
    if (!prefixes.isEmpty()) {
      for (String name : headers.keys()) {
        Metadata.Key<String> key = isBaggageEntry(name) ? ascii(name) : null;
        if (key != null) {
          headers.discardAll(key);
        }
      }
    }
  }

  private boolean isBaggageEntry(String name) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  private void unsendable(String name) {
    if (unsendable.compareAndSet(false, true)) {
      logger.log(
          Level.WARNING,
          "Streamgauge did not send the baggage entry for the header {0}: gRPC does not allow its name"
              + " or its value. It sent the trace, and logs this once.",
          DisplayText.line(name));
    }
  }

  /** Null for a name that is no name of a text header: a stranger's, or of the user's baggage. */
  private Metadata.Key<String> key(String name) {
    Metadata.Key<String> known = fields.get(name);
    return known != null ? known : ascii(name);
  }

  private static Metadata.Key<String> ascii(String name) {
    if (name.isEmpty() || name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
      return null;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean legal =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_'
              || c == '.';
      if (!legal) {
        return null;
      }
    }
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Whether gRPC sends it as it is: printable ASCII. */
  private static boolean isText(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  private static Iterator<String> all(Metadata headers, Metadata.Key<String> key) {
    Iterable<String> all = headers == null || key == null ? null : headers.getAll(key);
    return all == null ? Collections.emptyIterator() : all.iterator();
  }

  /** Headers of a call that has come in, as the propagator asks for them. */
  private static final class Incoming {
    final Metadata headers;

    /** Whether the propagator sees its fields alone, and no baggage that is headers of its own. */
    boolean fieldsOnly;

    /** What our own reading of the headers threw; null for nothing. */
    RuntimeException fault;

    Incoming(Metadata headers) {
      this.headers = headers;
    }
  }
}
