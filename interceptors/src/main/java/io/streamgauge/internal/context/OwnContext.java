package io.streamgauge.internal.context;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.ImplicitContextKeyed;
import io.streamgauge.internal.stream.ContextSlot;

/**
 * The context of a call in one object: what was current before, and over it the call's span,
 * baggage and tag. Current while a server's call is handled; the callbacks of a client's call run
 * in what is below it.
 *
 * <p>The one thread that has the call before its start fills this in. From the start on nothing
 * changes, and every thread that has the context has it from that start.
 */
final class OwnContext implements Context, ContextSlot {

  private static final ContextKey<?> SPAN = keyOf(Span.getInvalid());
  private static final ContextKey<?> BAGGAGE = keyOf(Baggage.empty());

  /** In place of {@link #key} in the context of a client's call, which keeps nothing there. */
  private static final ContextKey<Object> CLIENT = ContextKey.named("streamgauge-client");

  final Context base;

  // Null where the base has its own.

  private Span span;
  private Baggage baggage;

  /** Under which {@link #value} is found; null for nothing. */
  private ContextKey<?> key;

  private Object value;

  OwnContext(Context base, boolean client) {
    this.base = base;
    this.key = client ? CLIENT : null;
  }

  /** Whether it is of a client's call. */
  boolean isClient() {
    return key == CLIENT;
  }

  /** OpenTelemetry keeps its keys to itself, and shows them to a context it is to store in. */
  private static ContextKey<?> keyOf(ImplicitContextKeyed stored) {
    ContextKey<?>[] shown = new ContextKey<?>[1];
    stored.storeInContext(
        new Context() {
          @Override
          public <V> V get(ContextKey<V> key) {
            return null;
          }

          @Override
          public <V> Context with(ContextKey<V> key, V value) {
            shown[0] = key;
            return this;
          }
        });
    return shown[0];
  }

  boolean hasSpan() {
    return span != null;
  }

  void span(Span current) {
    span = current;
  }

  void baggage(Baggage current) {
    baggage = current;
  }

  /** Keeps one more value; false if there is one under another key. */
  boolean keep(ContextKey<?> under, Object kept) {
    if (key != null && key != under) {
      return false;
    }
    key = under;
    value = kept;
    return true;
  }

  @Override
  @SuppressWarnings("unchecked") // what is under a key has that key's type
  public <V> V get(ContextKey<V> wanted) {
    if (wanted == SPAN && span != null) {
      return (V) span;
    }
    if (wanted == BAGGAGE && baggage != null) {
      return (V) baggage;
    }
    return wanted == key ? (V) value : base.get(wanted);
  }

  @Override
  public <V> Context with(ContextKey<V> added, V given) {
    return copy().with(added, given);
  }

  /** The same values, in a context that nothing changes. */
  @SuppressWarnings("unchecked")
  Context copy() {
    Context copy = base;
    if (span != null) {
      copy = copy.with((ContextKey<Span>) SPAN, span);
    }
    if (baggage != null) {
      copy = copy.with((ContextKey<Baggage>) BAGGAGE, baggage);
    }
    return value == null ? copy : copy.with((ContextKey<Object>) key, value);
  }

  @Override
  public String toString() {
    return "OwnContext" + copy();
  }
}
