package io.streamgauge.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.MessageCarrier;
import io.streamgauge.wire.MessageHook;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The trace of a single message. What is current when a message is sent goes with it, if it is
 * another trace than the stream's; while it is handled at the other end that is current there, in a
 * span of its own if its trace is sampled, linked to the stream.
 */
public final class TraceMessages implements MessageHook {

  private static final int MAX_TYPES = 1_000;

  private static final MessageCarrier<Object> NONE =
      new MessageCarrier<Object>() {
        @Override
        public Map<String, String> read(Object message) {
          return new HashMap<>();
        }

        @Override
        public Object write(Object message, Map<String, String> values) {
          return message;
        }
      };

  private static final TextMapGetter<Map<String, String>> GETTER =
      new TextMapGetter<Map<String, String>>() {
        @Override
        public Iterable<String> keys(Map<String, String> values) {
          return values.keySet();
        }

        @Override
        public String get(Map<String, String> values, String key) {
          return values == null ? null : values.get(key);
        }
      };

  private static final TextMapSetter<Map<String, String>> SETTER =
      (values, key, value) -> {
        if (values != null) {
          values.put(key, value);
        }
      };

  private final Tracer tracer;
  private final TextMapPropagator propagator;
  private final TraceIngress ingress;
  private final String field;
  private final Map<Class<?>, MessageCarrier<Object>> carriers = new ConcurrentHashMap<>();

  /**
   * Makes the hook.
   *
   * @param given carriers by the type of message
   * @param field name of a protobuf {@code map<string, string>} field that carries where no carrier
   *     was given; null for none
   */
  @SuppressWarnings("unchecked")
  public TraceMessages(
      Tracer tracer,
      TextMapPropagator propagator,
      TraceIngress ingress,
      Map<Class<?>, MessageCarrier<?>> given,
      String field) {
    this.tracer = tracer;
    this.propagator = propagator;
    this.ingress = ingress;
    this.field = field;
    given.forEach((type, carrier) -> carriers.put(type, (MessageCarrier<Object>) carrier));
  }

  @Override
  @SuppressWarnings("unchecked") // a carrier returns what it was given: T
  public <T> T outgoing(StreamRecorder stream, T message) {
    Context current = Context.current();
    SpanContext ids = Span.fromContext(current).getSpanContext();
    if (!ids.isValid() || ids.getTraceId().equals(stream.traceId())) {
      return message;
    }
    MessageCarrier<Object> carrier = carrier(message.getClass());
    if (carrier == NONE) {
      return message;
    }
    Map<String, String> values = new HashMap<>();
    propagator.inject(current, values, SETTER);
    return (T) carrier.write(message, values);
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed by exit, on the same thread
  public Object enter(StreamRecorder stream, Object message) {
    MessageCarrier<Object> carrier = carrier(message.getClass());
    if (carrier == NONE || ingress == TraceIngress.EDGE) {
      return null;
    }
    Map<String, String> values = carrier.read(message);
    if (values.isEmpty()) {
      return null;
    }
    Context base = Context.current();
    Context context = propagator.extract(base, values, GETTER);
    SpanContext ids = Span.fromContext(context).getSpanContext();
    if (context == base || ids.equals(Span.fromContext(base).getSpanContext())) {
      return null;
    }
    Span span = ids.isSampled() ? start(stream, context) : null;
    return new Entered((span == null ? context : context.with(span)).makeCurrent(), span);
  }

  private Span start(StreamRecorder stream, Context parent) {
    String method = stream.method().fullName();
    SpanBuilder builder =
        tracer
            .spanBuilder(method + " message")
            .setParent(parent)
            .setAttribute(TraceNames.METHOD, method)
            .setAttribute(TraceNames.STREAM_ID, stream.id());
    if (stream.span() != null) {
      builder.addLink(((Span) stream.span()).getSpanContext());
    }
    return builder.startSpan();
  }

  @Override
  public void exit(Object entered) {
    Entered message = (Entered) entered;
    message.scope.close();
    if (message.span != null) {
      message.span.end();
    }
  }

  private MessageCarrier<Object> carrier(Class<?> type) {
    MessageCarrier<Object> known = carriers.get(type);
    if (known != null) {
      return known;
    }
    MessageCarrier<Object> made = field == null ? NONE : byField(type);
    if (carriers.size() < MAX_TYPES) {
      carriers.put(type, made);
    }
    return made;
  }

  private MessageCarrier<Object> byField(Class<?> type) {
    try {
      MessageCarrier<Object> made = TraceField.of(type, field);
      return made == null ? NONE : made;
    } catch (LinkageError e) {
      // No protobuf here: no message of it either.
      return NONE;
    }
  }

  private static final class Entered {
    final Scope scope;
    final Span span;

    Entered(Scope scope, Span span) {
      this.scope = scope;
      this.span = span;
    }
  }
}
