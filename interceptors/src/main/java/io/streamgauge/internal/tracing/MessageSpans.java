package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.CallSide;
import io.streamgauge.MessageCarrier;
import io.streamgauge.TraceTrust;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.grpc.MessagePort;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tagging.GrpcTagContext;
import io.streamgauge.internal.tagging.TagContext;
import io.streamgauge.internal.tagging.TagResolver;
import io.streamgauge.internal.tagging.Tags;
import io.streamgauge.spi.MessageMark;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The trace of a single message. What is current when a message is sent goes with it, if it is
 * another trace than the stream's; while it is handled at the other end that is current there, in a
 * span of its own if its trace is sampled, linked to the stream. A gray tag of its own travels and
 * is current in the same way.
 */
public final class MessageSpans implements MessagePort {

  private static final int MAX_TYPES = 1_000;

  /** Spans for messages in a row of one trace; viewers drown in a trace of thousands. */
  static final int MAX_IN_A_ROW = 128;

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
  private final TraceTrust ingress;

  /** Null where gray tags are off. */
  private final TagResolver gray;

  private final String field;

  /** Null unless the MDC is wanted. */
  private final Mdc logKeys;

  private final Map<Class<?>, MessageCarrier<Object>> carriers = new ConcurrentHashMap<>();

  /**
   * Makes the hook.
   *
   * @param gray whose tags messages carry; null for none
   * @param given carriers by the type of message
   * @param field name of a protobuf {@code map<string, string>} field that carries where no carrier
   *     was given; null for none
   * @param logKeys the MDC to keep true while a message is handled; null for none
   */
  @SuppressWarnings("unchecked")
  public MessageSpans(
      Tracer tracer,
      TextMapPropagator propagator,
      TraceTrust ingress,
      TagResolver gray,
      Map<Class<?>, MessageCarrier<?>> given,
      String field,
      Mdc logKeys) {
    this.gray = gray;
    this.logKeys = logKeys;
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
    boolean ownTrace = ids.isValid() && !CallTrace.isTraceOf(stream, ids);
    GrayTag tag = gray == null ? null : GrpcTagContext.find();
    boolean ownTag = tag != null && !tag.equals(Tags.of(stream));
    if (!ownTrace && !ownTag && !Tags.isKept(stream)) {
      return message;
    }
    MessageCarrier<Object> carrier = carrier(message.getClass());
    if (carrier == NONE) {
      return message;
    }
    Map<String, String> values = new HashMap<>();
    if (ownTrace) {
      propagator.inject(
          Tags.isKept(stream) ? TagContext.without(current) : current, values, SETTER);
    }
    if (ownTag && !Tags.isKept(stream)) {
      gray.carry(tag, values);
    }
    Object kept = gray != null && Tags.isKept(stream) ? withoutTag(carrier, message) : message;
    T written = (T) (values.isEmpty() ? kept : carrier.write(kept, values));
    if (ownTag) {
      stream.messageInLane(tag.value(), tag.source().label(), false);
    }
    return written;
  }

  @Override
  public Object enter(StreamRecorder stream, Object message) {
    MessageCarrier<Object> carrier = carrier(message.getClass());
    if (carrier == NONE) {
      return null;
    }
    Map<String, String> values = carrier.read(message);
    if (values.isEmpty()) {
      return null;
    }
    Context base = Context.current();
    GrayTag tag = tagOf(stream, values);
    Context context = marked(stream, tagged(base, traced(base, values), tag), base);
    SpanContext ids = Span.fromContext(context).getSpanContext();
    boolean ownTrace =
        !ids.getTraceId().equals(Span.fromContext(base).getSpanContext().getTraceId());
    if (!ownTrace && tag == null) {
      return null;
    }
    Span span = ownTrace && ids.isSampled() ? started(stream, context, ids, tag) : null;
    Entered entered = new Entered();
    entered.span = span;
    try {
      attach(stream, entered, span == null ? context : context.with(span), ids, tag);
    } catch (Throwable t) {
      // The guard swallows it, and no exit will come.
      exit(entered);
      throw t;
    }
    return entered;
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by exit, on the same thread
  private void attach(
      StreamRecorder stream, Entered entered, Context context, SpanContext ids, GrayTag tag) {
    if (tag != null) {
      // First: where a bridge ties the two contexts together, this one brings an older other.
      entered.mirror = GrpcTagContext.mirror(io.grpc.Context.current(), tag);
      entered.before = entered.mirror.attach();
    }
    entered.scope = context.makeCurrent();
    if (tag != null && stream.isInboundStream()) {
      stream.messageInLane(tag.value(), tag.source().label(), true);
    }
    if (logKeys != null) {
      SpanContext shown = entered.span == null ? ids : entered.span.getSpanContext();
      String lane = tag == null ? stream.lane() : tag.value();
      entered.saved =
          shown.isValid()
              ? logKeys.set(shown.getTraceId(), shown.getSpanId(), lane)
              : logKeys.set(stream.traceId(), stream.spanId(), lane);
    }
  }

  /** So that the agent's bridge can tell this call from others; that needs a span of its own. */
  private static Context marked(StreamRecorder stream, Context context, Context base) {
    Span call = Span.fromContext(base);
    return stream.side() == CallSide.SERVER && call.getSpanContext().isValid()
        ? MessageMark.mark(context, call)
        : context;
  }

  /** Null unless the message has a tag that is not the call's. */
  private GrayTag tagOf(StreamRecorder stream, Map<String, String> values) {
    GrayTag tag = gray == null ? null : gray.message(stream, values);
    return tag == null || tag.equals(Tags.of(stream)) ? null : tag;
  }

  private Context traced(Context base, Map<String, String> values) {
    if (ingress == TraceTrust.EDGE) {
      return base;
    }
    Context extracted = propagator.extract(base, values, GETTER);
    String trace = Span.fromContext(extracted).getSpanContext().getTraceId();
    // Of the call's own trace: the call's span is the better parent.
    return trace.equals(Span.fromContext(base).getSpanContext().getTraceId()) ? base : extracted;
  }

  /** Untrusted: what the application may hand on must not carry it any more. */
  @Override
  @SuppressWarnings("unchecked") // a carrier returns what it was given: T
  public <T> T incoming(StreamRecorder stream, T message) {
    if (gray == null || message == null || gray.believes(stream)) {
      return message;
    }
    MessageCarrier<Object> carrier = carrier(message.getClass());
    return carrier == NONE ? message : (T) withoutTag(carrier, message);
  }

  private Object withoutTag(MessageCarrier<Object> carrier, Object message) {
    Map<String, String> values = carrier.read(message);
    String baggage = values.get("baggage");
    boolean inBaggage = baggage != null && baggage.contains("gray.tag");
    if (!inBaggage && !values.containsKey(gray.header())) {
      return message;
    }
    Object clean =
        carrier.remove(
            message,
            inBaggage
                ? Arrays.asList(gray.header(), "baggage")
                : Collections.singletonList(gray.header()));
    String left = inBaggage ? TagResolver.withoutTag(baggage) : null;
    return left == null
        ? clean
        : carrier.write(clean, new HashMap<>(Collections.singletonMap("baggage", left)));
  }

  /** With the message's tag, else with what the call has, whatever the message's baggage says. */
  private Context tagged(Context base, Context context, GrayTag tag) {
    if (gray == null) {
      return context;
    }
    GrayTag current = tag == null ? TagContext.in(base) : tag;
    if (context == base && tag == null) {
      return base;
    }
    return current == null ? TagContext.without(context) : TagContext.with(context, current);
  }

  /** Null where the trace has enough of them. */
  private Span started(StreamRecorder stream, Context context, SpanContext ids, GrayTag tag) {
    if (CallTrace.made(stream).messageInTrace(ids.getTraceId()) > MAX_IN_A_ROW) {
      stream.refuse("message_spans");
      return null;
    }
    return start(stream, context, tag);
  }

  private Span start(StreamRecorder stream, Context parent, GrayTag tag) {
    String method = stream.method().fullName();
    SpanBuilder builder =
        tracer
            .spanBuilder(method + " message")
            .setParent(parent)
            .setAttribute(SpanAttributes.METHOD, method)
            .setAttribute(SpanAttributes.STREAM_ID, stream.lastingId());
    if (tag != null) {
      builder.setAttribute(SpanAttributes.TAG, tag.value());
      builder.setAttribute(SpanAttributes.TAG_SOURCE, tag.source().label());
    }
    Span call = CallTrace.span(stream);
    if (call != null) {
      builder.addLink(call.getSpanContext());
    }
    return builder.startSpan();
  }

  @Override
  public void exit(Object entered) {
    Entered message = (Entered) entered;
    if (message.saved != null) {
      logKeys.restore(message.saved);
    }
    if (message.scope != null) {
      message.scope.close();
    }
    if (message.before != null) {
      message.mirror.detach(message.before);
    }
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
      MessageCarrier<Object> made = MapField.of(type, field);
      return made == null ? NONE : made;
    } catch (LinkageError e) {
      // No protobuf here: no message of it either.
      return NONE;
    }
  }

  private static final class Entered {
    Scope scope;
    Span span;
    Mdc.Saved saved;
    io.grpc.Context mirror;
    io.grpc.Context before;
  }
}
