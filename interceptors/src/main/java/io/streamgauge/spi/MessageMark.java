package io.streamgauge.spi;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;

/**
 * Marks the context of a single message with its call. A class of its own, and of nothing but
 * OpenTelemetry, because the agent's context bridge needs it where the library is not loaded yet.
 */
public final class MessageMark {

  private static final ContextKey<Span> CALL = ContextKey.named("streamgauge-message-of");

  private MessageMark() {}

  /** The context of a message of that call. */
  public static Context mark(Context context, Span call) {
    return context.with(CALL, call);
  }

  /** The span of the call whose message is being handled in that context; null outside of one. */
  public static Span callOf(Context context) {
    return context.get(CALL);
  }
}
