package io.streamgauge.ordersync.client;

import io.streamgauge.ordersync.domain.OrderUpdate;

/** Endless legal updates of one client. */
public interface OrderSource {

  OrderUpdate next();

  /** Of a client that was never heard of. */
  static OrderSource of(String clientId) {
    return new OrderPlan(clientId, JournalMemory.NONE)::next;
  }
}
