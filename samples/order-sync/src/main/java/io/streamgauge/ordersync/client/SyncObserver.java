package io.streamgauge.ordersync.client;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import java.util.concurrent.Executor;

/** gRPC's side of one stream: posts every event to the session's loop and returns at once. */
final class SyncObserver implements ClientResponseObserver<OrderStatusUpdate, OrderStatusAck> {

  private final SyncSession session;
  private final Executor loop;
  private ClientCallStreamObserver<OrderStatusUpdate> requests;
  private boolean halfClosed;
  private volatile boolean over;

  SyncObserver(SyncSession session, Executor loop) {
    this.session = session;
    this.loop = loop;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<OrderStatusUpdate> requests) {
    this.requests = requests;
    requests.disableAutoRequestWithInitial(SyncSession.WINDOW);
    requests.setOnReadyHandler(() -> loop.execute(session::pump));
  }

  ClientCallStreamObserver<OrderStatusUpdate> requests() {
    return requests;
  }

  boolean isHalfClosed() {
    return halfClosed;
  }

  void halfClose() {
    halfClosed = true;
    requests.onCompleted();
  }

  boolean isOver() {
    return over;
  }

  @Override
  public void onNext(OrderStatusAck ack) {
    loop.execute(() -> session.answered(this, ack));
  }

  @Override
  public void onError(Throwable t) {
    over = true;
    loop.execute(() -> session.over(this, false));
  }

  @Override
  public void onCompleted() {
    over = true;
    loop.execute(() -> session.over(this, true));
  }
}
