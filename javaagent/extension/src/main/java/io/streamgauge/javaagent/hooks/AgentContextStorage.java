package io.streamgauge.javaagent.hooks;

import io.grpc.Context;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import io.streamgauge.spi.MessageMark;

/**
 * grpc's current context as a value in OpenTelemetry's current context, so that code that carries
 * one of them to another thread carries both. The other way round, each grpc context handed out
 * knows the OpenTelemetry context it was current in.
 *
 * <p>What is handed out is a child of the application's own context with one value more. It is
 * never made a child of another such child: a chain of calls, each started in a callback of the one
 * before, must not grow a chain of contexts.
 *
 * <p>A grpc context that is attached on a thread cancels what runs there. One that came to a thread
 * only inside an OpenTelemetry context, as executors under the agent carry it, is a fork: its
 * values are there, and neither the end of the call nor its deadline reaches work that outlives the
 * call.
 */
final class AgentContextStorage extends Context.Storage {

  private static final ContextKey<Context> GRPC = ContextKey.named("streamgauge-grpc-context");
  private static final Context.Key<Link> LINK = Context.key("streamgauge-otel-context");
  private static final Context.Key<Attached> ATTACHED = Context.key("streamgauge-otel-attached");

  /** What is attached on this thread and not detached yet; null where nothing is. */
  private static final ThreadLocal<Attached> innermost = new ThreadLocal<>();

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
    Attached attached = new Attached(plain, innermost.get(), link.otel.makeCurrent());
    innermost.set(attached);
    return grpcIn(before).withValue(ATTACHED, attached);
  }

  /**
   * A message with a context of its own is being handled, and an interceptor restores, as {@code
   * Contexts.interceptCall} does, what was current when the call began: the message's stays.
   */
  private static boolean isOfTheCallInHand(
      io.opentelemetry.context.Context now, io.opentelemetry.context.Context carried) {
    Span call = MessageMark.callOf(now);
    return call != null && Span.fromContext(carried) == call;
  }

  @Override
  public void detach(Context toDetach, Context toRestore) {
    Attached attached = ATTACHED.get(toRestore);
    if (attached != null) {
      if (attached.below == null) {
        innermost.remove();
      } else {
        innermost.set(attached.below);
      }
      attached.scope.close();
    }
  }

  @Override
  public Context current() {
    io.opentelemetry.context.Context now = io.opentelemetry.context.Context.current();
    Context grpc = grpcIn(now);
    Link link = LINK.get(grpc);
    if (link.plain != Context.ROOT && !isAttachedHere(link.plain)) {
      return link(link.plain.fork(), now).linked;
    }
    // Something else became current inside: a span, baggage.
    return link.otel == now ? grpc : link(link.plain, now).linked;
  }

  private static boolean isAttachedHere(Context plain) {
    for (Attached attached = innermost.get(); attached != null; attached = attached.below) {
      if (attached.plain == plain) {
        return true;
      }
    }
    return false;
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

  /** The tie between the two; {@code otel} is set once, before another thread can see the link. */
  private static final class Link {
    final Context plain;
    final Context linked;
    io.opentelemetry.context.Context otel;

    Link(Context plain) {
      this.plain = plain;
      this.linked = plain.withValue(LINK, this);
    }
  }

  /** What a detach undoes: one of the contexts attached on a thread, the innermost first. */
  private static final class Attached {
    final Context plain;
    final Attached below;
    final Scope scope;

    Attached(Context plain, Attached below, Scope scope) {
      this.plain = plain;
      this.below = below;
      this.scope = scope;
    }
  }
}
