package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.instrumentation.api.internal.SpanKey;

/**
 * One span per side where interceptors of upstream's grpc instrumentation are on the same call:
 * both leave their span in the context under the same key, and the second of the two makes none.
 */
final class UpstreamSpanKeys {

  /** Tells a span of ours under the key from another instrumentation's. */
  private static final ContextKey<Span> OURS = ContextKey.named("streamgauge-span");

  private UpstreamSpanKeys() {}

  /** Null where upstream's instrumentation-api is not there: so are none of its interceptors. */
  static UpstreamSpanKeys find() {
    try {
      SpanKey.RPC_SERVER.fromContextOrNull(Context.root());
      return new UpstreamSpanKeys();
    } catch (LinkageError e) {
      return null;
    }
  }

  /** The span another instrumentation has left for a call of that kind, or null. */
  Span foreign(Context context, SpanKind kind) {
    Span found = key(kind).fromContextOrNull(context);
    return found == null || found == context.get(OURS) ? null : found;
  }

  /** The context with a span of ours in it for others to see. */
  Context store(Context context, SpanKind kind, Span span) {
    return key(kind).storeInContext(context, span).with(OURS, span);
  }

  private static SpanKey key(SpanKind kind) {
    return kind == SpanKind.SERVER ? SpanKey.RPC_SERVER : SpanKey.RPC_CLIENT;
  }
}
