package io.streamgauge.ordersync.client;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What is current while an order's updates are sent, and travels with each of them, from CREATED to
 * COMPLETED and over as many streams as that takes: a trace of its own, and for a share of the
 * orders the gray tag. One order in {@value #ONE_IN} of each lane is sampled; the others have ids
 * too, for logs, and export nothing.
 */
public final class OrderContexts {

  static final int ONE_IN = 10;

  private static final GrayTag GRAY = GrayTag.of("gray");

  private final Tracer tracer;
  private final double grayShare;
  private final Map<String, Context> open = new HashMap<>();
  private long begun;
  private long begunGray;
  private long orders;
  private long updates;
  private long shipments;

  public OrderContexts(Tracer tracer, double grayShare) {
    this.tracer = tracer;
    this.grayShare = grayShare;
  }

  /** What must be current while the update is sent. */
  public Context sending(OrderUpdate update) {
    Context context = open.computeIfAbsent(update.orderId(), this::begin);
    if (isSampled(context)) {
      updates++;
    }
    return context;
  }

  private Context begin(String orderId) {
    begun++;
    boolean gray = Math.floor(begun * grayShare) > Math.floor((begun - 1) * grayShare);
    // Counted by lane: of all orders, every tenth may never be a gray one.
    long ofLane = gray ? begunGray++ : begun - 1 - begunGray;
    Span span;
    if (ofLane % ONE_IN == 0) {
      span =
          tracer.spanBuilder("order").setNoParent().setAttribute("order.id", orderId).startSpan();
      if (span.getSpanContext().isSampled()) {
        orders++;
      }
    } else {
      span = Span.wrap(unsampled());
    }
    Context context = Context.root().with(span);
    return gray ? GrayTags.with(context, GRAY) : context;
  }

  boolean isGray(OrderUpdate update) {
    Context context = open.get(update.orderId());
    return context != null && GrayTags.in(context).filter(GRAY::equals).isPresent();
  }

  private static SpanContext unsampled() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return SpanContext.create(
        String.format("%016x%016x", random.nextLong() | 1, random.nextLong()),
        String.format("%016x", random.nextLong() | 1),
        TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  /** The update was taken; the last one ends the order. */
  public void accepted(OrderUpdate update) {
    Context context = open.get(update.orderId());
    if (context == null) {
      return;
    }
    if (update.status() == OrderStatus.SHIPPED && isSampled(context)) {
      shipments++;
    }
    if (update.status() == OrderStatus.COMPLETED) {
      open.remove(update.orderId());
      Span.fromContext(context).end();
    }
  }

  /** Ends the orders that will not get on. */
  public void end() {
    open.values().forEach(context -> Span.fromContext(context).end());
    open.clear();
  }

  private static boolean isSampled(Context context) {
    return Span.fromContext(context).getSpanContext().isSampled();
  }

  long orders() {
    return orders;
  }

  /** Sent, with those sent again. */
  long updates() {
    return updates;
  }

  long shipments() {
    return shipments;
  }
}
