package io.streamgauge.ordersync.client;

import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.v1.OrderStatus;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.RefusalReason;

/** Between the words of the domain and the words of the wire. */
public final class ClientMessages {

  private ClientMessages() {}

  /** An update as it is sent at a Lamport time. */
  public static OrderStatusUpdate update(OrderUpdate update, long lamport) {
    return OrderStatusUpdate.newBuilder()
        .setClientId(update.clientId())
        .setSequence(update.sequence())
        .setOrderId(update.orderId())
        .setVersion(update.version())
        .setStatus(OrderStatus.valueOf("ORDER_STATUS_" + update.status().name()))
        .setLamport(lamport)
        .build();
  }

  /** Whether what was refused so must be sent again. */
  public static boolean isForNow(RefusalReason reason) {
    return switch (reason) {
      case REFUSAL_REASON_UNSPECIFIED,
          REFUSAL_REASON_INVALID,
          REFUSAL_REASON_ILLEGAL_TRANSITION,
          REFUSAL_REASON_STALE_VERSION ->
          false;
      case REFUSAL_REASON_OVERLOADED,
          REFUSAL_REASON_RATE_LIMITED,
          REFUSAL_REASON_OUT_OF_SEQUENCE,
          REFUSAL_REASON_NOT_STORED,
          // A reason of a later version: nothing is lost by asking again.
          UNRECOGNIZED ->
          true;
    };
  }
}
