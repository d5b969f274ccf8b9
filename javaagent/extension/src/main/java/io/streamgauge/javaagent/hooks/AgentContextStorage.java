package io.streamgauge.javaagent.hooks;

import io.grpc.Context;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import io.streamgauge.trace.TraceMark;

/**
 * grpc's current context as a value in OpenTelemetry's current context, so that whoever carries one
 * of them to another thread carries both. The other way round, each grpc context handed out knows
 * the OpenTelemetry context it was current in.
 *
 * <p>What is handed out is a child of the application's own context with one value more. It is
 * never made a child of another such child: a chain of calls, each started in a callback of the one
 * before, must not grow a chain of contexts.
 */
final class AgentContextStorage extends Context.Storage {

  private static final ContextKey<Context> GRPC = ContextKey.named("streamgauge-grpc-context");
  private static final Context.Key<Link> LINK = Context.key("streamgauge-otel-context");
  private static final Context.Key<Scope> SCOPE = Context.key("streamgauge-otel-scope");

  private static final Context ROOT =
      link(Context.ROOT, io.opentelemetry.context.Context.root()).linked;

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed by detach, on the same thread
  public Context doAttach(Context toAttach) {
    io.opentelemetry.context.Context before = io.opentelemetry.context.Context.current();
    Link carried = LINK.get(toAttach);
    io.opentelemetry.context.Context base =
        carried == null || isOfTheCallInHand(before, carried.otel) ? before : carried.otel;
    Context plain = carried != null && carried.linked == toAttach ? carried.plain : toAttach;
    Link link = new Link(plain);
    link.otel = base.with(GRPC, link.linked);
    Scope scope = link.otel.makeCurrent();
    return grpcIn(before).withValue(SCOPE, scope);
  }

  /**
   * A message with a context of its own is being handled, and an interceptor restores, as {@code
   * Contexts.interceptCall} does, what was current when the call began: the message's stays.
   */
  private static boolean isOfTheCallInHand(
      io.opentelemetry.context.Context now, io.opentelemetry.context.Context carried) {
    Span call = TraceMark.callOf(now);
    return call != null && Span.fromContext(carried) == call;
  }

  @Override
  public void detach(Context toDetach, Context toRestore) {
    Scope scope = SCOPE.get(toRestore);
    if (scope != null) {
      scope.close();
    }
  }

  @Override
  public Context current() {
    io.opentelemetry.context.Context now = io.opentelemetry.context.Context.current();
    Context grpc = grpcIn(now);
    Link link = LINK.get(grpc);
    // Something else became current inside: a span, baggage.
    return link.otel == now ? grpc : link(link.plain, now).linked;
  }

  /** Always one that was linked here. */
  private static Context grpcIn(io.opentelemetry.context.Context otel) {
    Context grpc = otel.get(GRPC);
    return grpc == null ? ROOT : grpc;
  }

  private static Link link(Context plain, io.opentelemetry.context.Context otel) {
    Link link = new Link(plain);
    link.otel = otel;
    return link;
  }

  /** The tie between the two; set once, before anybody else can see it. */
  private static final class Link {
    final Context plain;
    final Context linked;
    io.opentelemetry.context.Context otel;

    Link(Context plain) {
      this.plain = plain;
      this.linked = plain.withValue(LINK, this);
    }
  }
}
