package io.streamgauge.ordersync.client;

import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.v1.OrderStatus;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;

/** From the words of the domain to the words of the wire. */
final class ClientMessages {

  private ClientMessages() {}

  static OrderStatusUpdate update(OrderUpdate update) {
    return OrderStatusUpdate.newBuilder()
        .setClientId(update.clientId())
        .setSequence(update.sequence())
        .setOrderId(update.orderId())
        .setVersion(update.version())
        .setStatus(OrderStatus.valueOf("ORDER_STATUS_" + update.status().name()))
        .build();
  }
}
