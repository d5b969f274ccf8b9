package io.streamgauge.ordersync.server;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.streamgauge.ordersync.v1.OrderStatus;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client that does what it is told, and keeps every answer. */
final class TestClient implements ClientResponseObserver<OrderStatusUpdate, OrderStatusAck> {

  final List<OrderStatusAck> acks = new CopyOnWriteArrayList<>();
  ClientCallStreamObserver<OrderStatusUpdate> requests;
  volatile Status ended;

  @Override
  public void beforeStart(ClientCallStreamObserver<OrderStatusUpdate> stream) {
    requests = stream;
  }

  /** Each creates an order of its own. */
  void send(String clientId, long from, long to) {
    for (long sequence = from; sequence <= to; sequence++) {
      requests.onNext(
          OrderStatusUpdate.newBuilder()
              .setClientId(clientId)
              .setSequence(sequence)
              .setOrderId(clientId + "-" + sequence)
              .setVersion(1)
              .setStatus(OrderStatus.ORDER_STATUS_CREATED)
              .build());
    }
  }

  long refused() {
    return acks.stream().filter(ack -> !ack.getAccepted()).count();
  }

  long watermark() {
    return acks.stream().mapToLong(OrderStatusAck::getWatermark).max().orElse(0);
  }

  @Override
  public void onNext(OrderStatusAck ack) {
    acks.add(ack);
  }

  @Override
  public void onError(Throwable t) {
    ended = Status.fromThrowable(t);
  }

  @Override
  public void onCompleted() {
    ended = Status.OK;
  }
}
