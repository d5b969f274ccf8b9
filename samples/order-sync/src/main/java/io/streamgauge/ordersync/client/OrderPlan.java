package io.streamgauge.ordersync.client;

import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import java.util.Map;

/** Endless orders of one client, a few in progress at a time, each moved one status at a time. */
final class OrderPlan {

  /** Orders in progress at once. */
  private static final int IN_PROGRESS = 10;

  private final String clientId;
  private final long[] orders = new long[IN_PROGRESS];
  private final OrderStatus[] statuses = new OrderStatus[IN_PROGRESS];
  private long lastOrder;
  private long lastSequence;
  private int turn;

  /** Goes on from what the client knew before. */
  OrderPlan(String clientId, JournalMemory memory) {
    this.clientId = clientId;
    lastSequence = memory.lastSequence();
    lastOrder = memory.lastOrder();
    int i = 0;
    for (Map.Entry<String, OrderStatus> order : memory.open().entrySet()) {
      if (i < IN_PROGRESS) {
        String id = order.getKey();
        orders[i] = Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
        statuses[i++] = order.getValue();
      }
    }
  }

  OrderUpdate next() {
    int i = turn++ % IN_PROGRESS;
    if (statuses[i] == null || statuses[i] == OrderStatus.COMPLETED) {
      orders[i] = ++lastOrder;
      statuses[i] = OrderStatus.CREATED;
    } else {
      statuses[i] = statuses[i].next();
    }
    return new OrderUpdate(
        clientId, ++lastSequence, clientId + "-" + orders[i], statuses[i].version(), statuses[i]);
  }
}
