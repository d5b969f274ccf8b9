package io.streamgauge.ordersync.server;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;

/** The bidirectional method; one {@link SyncStream} per call. */
final class SyncService extends OrderSyncGrpc.OrderSyncImplBase {

  private final SyncStream.Surroundings surroundings;

  SyncService(SyncStream.Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public StreamObserver<OrderStatusUpdate> syncOrderStatus(
      StreamObserver<OrderStatusAck> responses) {
    SyncStream stream =
        new SyncStream((ServerCallStreamObserver<OrderStatusAck>) responses, surroundings);
    if (surroundings.registry().register(stream)) {
      stream.open();
    } else {
      stream.end(Status.RESOURCE_EXHAUSTED.withDescription("too many streams, try another"));
    }
    return stream;
  }
}
