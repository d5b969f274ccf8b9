package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import io.streamgauge.ordersync.v1.OrderStatus;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.RefusalReason;

/** Between the words of the wire and the words of the domain. */
final class SyncMessages {

  private SyncMessages() {}

  static OrderUpdate update(OrderStatusUpdate message) {
    return new OrderUpdate(
        message.getClientId(),
        message.getSequence(),
        message.getOrderId(),
        message.getVersion(),
        status(message.getStatus()));
  }

  /** Null for a status this version does not know. */
  private static io.streamgauge.ordersync.domain.OrderStatus status(OrderStatus status) {
    return switch (status) {
      case ORDER_STATUS_CREATED -> io.streamgauge.ordersync.domain.OrderStatus.CREATED;
      case ORDER_STATUS_PAID -> io.streamgauge.ordersync.domain.OrderStatus.PAID;
      case ORDER_STATUS_SHIPPED -> io.streamgauge.ordersync.domain.OrderStatus.SHIPPED;
      case ORDER_STATUS_DELIVERED -> io.streamgauge.ordersync.domain.OrderStatus.DELIVERED;
      case ORDER_STATUS_COMPLETED -> io.streamgauge.ordersync.domain.OrderStatus.COMPLETED;
      case ORDER_STATUS_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  static OrderStatusAck ack(long sequence, Verdict verdict, boolean pending) {
    return OrderStatusAck.newBuilder()
        .setSequence(sequence)
        .setAccepted(verdict.accepted())
        .setReason(reason(verdict))
        .setDetail(verdict.detail())
        .setPending(pending)
        .build();
  }

  private static RefusalReason reason(Verdict verdict) {
    return switch (verdict) {
      case ACCEPTED, OUT_OF_SEQUENCE -> RefusalReason.REFUSAL_REASON_UNSPECIFIED;
      case INVALID -> RefusalReason.REFUSAL_REASON_INVALID;
      case ILLEGAL_TRANSITION -> RefusalReason.REFUSAL_REASON_ILLEGAL_TRANSITION;
      case STALE_VERSION -> RefusalReason.REFUSAL_REASON_STALE_VERSION;
    };
  }
}
