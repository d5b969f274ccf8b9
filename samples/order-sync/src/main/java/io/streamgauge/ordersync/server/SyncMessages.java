package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import io.streamgauge.ordersync.flow.Refusal;
import io.streamgauge.ordersync.telemetry.Origin;
import io.streamgauge.ordersync.v1.OrderStatus;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.RefusalReason;

/** Between the words of the wire and the words of the domain. */
final class SyncMessages {

  private SyncMessages() {}

  static OrderUpdate update(OrderStatusUpdate message, long lamport, Origin origin) {
    boolean ships = message.getStatus() == OrderStatus.ORDER_STATUS_SHIPPED;
    return new OrderUpdate(
        message.getClientId(),
        message.getSequence(),
        message.getOrderId(),
        message.getVersion(),
        status(message.getStatus()),
        lamport,
        ships ? origin.text() : "");
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

  static OrderStatusAck ack(
      long sequence, Verdict verdict, long watermark, long lamport, boolean pending) {
    return OrderStatusAck.newBuilder()
        .setSequence(sequence)
        .setAccepted(verdict.accepted())
        .setReason(reason(verdict))
        .setDetail(verdict.detail())
        .setPending(pending)
        .setWatermark(watermark)
        .setLamport(lamport)
        .build();
  }

  static OrderStatusAck refusal(long sequence, Refusal why, long watermark, long lamport) {
    return OrderStatusAck.newBuilder()
        .setSequence(sequence)
        .setReason(reason(why))
        .setDetail(why.label())
        .setPending(true)
        .setWatermark(watermark)
        .setLamport(lamport)
        .build();
  }

  static OrderStatusAck pong(OrderStatusUpdate ping, long lamport) {
    return OrderStatusAck.newBuilder().setPong(ping.getPing()).setLamport(lamport).build();
  }

  private static RefusalReason reason(Verdict verdict) {
    return switch (verdict) {
      case ACCEPTED -> RefusalReason.REFUSAL_REASON_UNSPECIFIED;
      case INVALID -> RefusalReason.REFUSAL_REASON_INVALID;
      case ILLEGAL_TRANSITION -> RefusalReason.REFUSAL_REASON_ILLEGAL_TRANSITION;
      case STALE_VERSION -> RefusalReason.REFUSAL_REASON_STALE_VERSION;
      case OUT_OF_SEQUENCE -> RefusalReason.REFUSAL_REASON_OUT_OF_SEQUENCE;
    };
  }

  private static RefusalReason reason(Refusal why) {
    return switch (why) {
      case REJECTED_NEW, DROPPED_OLDEST, WAITED_TOO_LONG -> RefusalReason.REFUSAL_REASON_OVERLOADED;
      case RATE_LIMITED -> RefusalReason.REFUSAL_REASON_RATE_LIMITED;
      case OUT_OF_SEQUENCE -> RefusalReason.REFUSAL_REASON_OUT_OF_SEQUENCE;
      case NOT_STORED -> RefusalReason.REFUSAL_REASON_NOT_STORED;
    };
  }
}
