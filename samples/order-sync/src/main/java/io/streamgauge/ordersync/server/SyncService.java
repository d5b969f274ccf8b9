package io.streamgauge.ordersync.server;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;

/** The bidirectional method; one {@link SyncStream} per call. */
final class SyncService extends OrderSyncGrpc.OrderSyncImplBase {

  /** Backlog of the writer above which acks say pending: more than its next transaction takes. */
  private static final int PENDING_ABOVE = OrderWriter.MAX_BATCH;

  private final Attachment attachment;
  private final OrderWriter writer;
  private final ShipmentNotifier notifier;
  private final SyncTotals totals;

  SyncService(
      Attachment attachment, OrderWriter writer, ShipmentNotifier notifier, SyncTotals totals) {
    this.totals = totals;
    this.attachment = attachment;
    this.writer = writer;
    this.notifier = notifier;
  }

  @Override
  public StreamObserver<OrderStatusUpdate> syncOrderStatus(
      StreamObserver<OrderStatusAck> responses) {
    SyncStream stream =
        new SyncStream(
            (ServerCallStreamObserver<OrderStatusAck>) responses,
            writer,
            notifier,
            PENDING_ABOVE,
            attachment,
            totals);
    stream.open();
    return stream;
  }
}
