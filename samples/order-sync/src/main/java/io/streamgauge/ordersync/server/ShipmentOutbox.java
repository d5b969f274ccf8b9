package io.streamgauge.ordersync.server;

import io.grpc.Status;
import io.opentelemetry.context.Context;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.telemetry.Origin;
import io.streamgauge.ordersync.v1.ShipmentNotice;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tells fulfilment of each order that ships, at least once: the store remembers a shipment from the
 * transaction in which the order ships until fulfilment has answered, so that it survives the death
 * of this process. Which instance hears of a gray order is the channel's to choose. In memory there
 * is a bounded part; the rest is read from the store when there is room.
 */
final class ShipmentOutbox {

  private static final int MAX_IN_MEMORY = 10_000;
  private static final int MAX_IN_FLIGHT = 256;
  private static final long RETRY_MILLIS = 200;
  private static final long RETRY_CAP_MILLIS = 10_000;

  /** A shipment and what is current while it is told. */
  private record Notice(Shipment shipment, boolean gray, Context context, int failures) {
    Notice again() {
      return new Notice(shipment, gray, context, failures + 1);
    }
  }

  private final FulfilmentPort stable;
  private final FulfilmentPort gray;
  private final OrderWriter writer;
  private final Attachment attachment;
  private final SyncTotals totals;
  private final Steps steps;
  private final ScheduledExecutorService timer;
  private final Queue<Notice> waiting = new ArrayDeque<>();
  private final Set<String> known = new HashSet<>();
  private int inFlight;
  private boolean moreInStore;

  /** Of the writer's thread. */
  private Set<String> untoldBefore = Set.of();

  private boolean pumping;

  ShipmentOutbox(
      FulfilmentPort stable,
      FulfilmentPort gray,
      OrderWriter writer,
      Attachment attachment,
      SyncTotals totals,
      Steps steps,
      ScheduledExecutorService timer) {
    this.stable = stable;
    this.gray = gray;
    this.writer = writer;
    this.attachment = attachment;
    this.totals = totals;
    this.steps = steps;
    this.timer = timer;
  }

  /** The order has shipped, durably; its context is at hand. */
  void shipped(Shipment shipment, boolean isGray, Context context) {
    if (isGray) {
      totals.grayShipped();
    }
    add(new Notice(shipment, isGray, context, 0));
  }

  /** Reads what the store remembers: after a start, what a process before has not come to. */
  void load() {
    writer.loadUntold(MAX_IN_MEMORY, this::loaded);
  }

  /** Reads on if there is more and room for it; call it every now and then. */
  void loadIfRoom() {
    synchronized (this) {
      if (!moreInStore || known.size() > MAX_IN_MEMORY / 2) {
        return;
      }
    }
    load();
  }

  /** Takes over what was untold at the last call as well: no instance seems to be telling it. */
  void adopt() {
    writer.loadUntold(
        MAX_IN_MEMORY,
        shipments -> {
          Set<String> now = new HashSet<>();
          shipments.forEach(each -> now.add(each.orderId()));
          loaded(shipments.stream().filter(each -> untoldBefore.contains(each.orderId())).toList());
          untoldBefore = now;
        });
  }

  private void loaded(List<Shipment> shipments) {
    synchronized (this) {
      moreInStore = shipments.size() == MAX_IN_MEMORY;
    }
    for (Shipment each : shipments) {
      Origin origin = attachment.restore(each.origin());
      add(new Notice(each, origin.gray(), origin.context(), 0));
    }
  }

  private void add(Notice notice) {
    synchronized (this) {
      if (known.size() >= MAX_IN_MEMORY) {
        moreInStore = true;
        return;
      }
      if (!known.add(notice.shipment().orderId())) {
        return;
      }
      waiting.add(notice);
    }
    pump();
  }

  /** Sends what there is room for; a notice that ends at once does not make this go deeper. */
  private void pump() {
    synchronized (this) {
      if (pumping) {
        return;
      }
      pumping = true;
    }
    for (Notice next = next(); next != null; next = next()) {
      send(next);
    }
  }

  /** The next to send; null ends the pump. */
  private synchronized Notice next() {
    if (inFlight >= MAX_IN_FLIGHT || waiting.isEmpty()) {
      pumping = false;
      return null;
    }
    inFlight++;
    return waiting.remove();
  }

  private void send(Notice notice) {
    ShipmentNotice message =
        ShipmentNotice.newBuilder()
            .setOrderId(notice.shipment().orderId())
            .setVersion(notice.shipment().version())
            .build();
    // The channel knows who is there; the breaker knows who answers. An order keeps its tag.
    (notice.gray() && gray.isOpen() ? gray : stable)
        .notify(message, notice.context(), status -> ended(notice, status));
  }

  private void ended(Notice notice, Status status) {
    if (status.isOk()) {
      steps.at(Steps.Step.AFTER_NOTICE);
      writer.told(notice.shipment(), () -> forget(notice.shipment()));
    }
    synchronized (this) {
      inFlight--;
    }
    if (!status.isOk()) {
      retry(notice.again());
    }
    pump();
  }

  /**
   * On the writer's thread, which reads what is untold too: a shipment that the store still lists
   * is known until the store has forgotten it, and so is not told twice.
   */
  private synchronized void forget(Shipment shipment) {
    known.remove(shipment.orderId());
  }

  private void retry(Notice notice) {
    long delay = Math.min(RETRY_CAP_MILLIS, RETRY_MILLIS << Math.min(10, notice.failures() - 1));
    try {
      var unused = timer.schedule(() -> retryNow(notice), delay, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closing; the store remembers.
    }
  }

  private void retryNow(Notice notice) {
    synchronized (this) {
      waiting.add(notice);
    }
    pump();
  }

  /** Notices that have no answer yet. */
  synchronized int inFlight() {
    return inFlight;
  }

  /** Shipments in memory that the store has not forgotten. */
  synchronized int depth() {
    return known.size();
  }
}
