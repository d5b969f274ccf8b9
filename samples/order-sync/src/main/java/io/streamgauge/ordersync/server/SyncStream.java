package io.streamgauge.ordersync.server;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.streamgauge.ordersync.domain.OrderRules;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One stream of one client, with flow control by hand in both directions.
 *
 * <p>Inbound: {@value #WINDOW} messages are asked for at the start and one more each time one is
 * completely done with (stored, acknowledged and, if it shipped, fulfilment told), so a stream
 * never holds more than the window. Outbound: acks wait in a queue of at most the same size and
 * leave only while the transport takes them ({@code isReady}, {@code onReady}).
 *
 * <p>gRPC's thread never waits here: it hands the update to the writer and returns. The writer's
 * thread sends acks; the monitor keeps the two from calling the observer at once.
 */
final class SyncStream implements StreamObserver<OrderStatusUpdate> {

  /** Updates a stream may have in hand. */
  static final int WINDOW = 100;

  private final ServerCallStreamObserver<OrderStatusAck> responses;
  private final OrderWriter writer;
  private final ShipmentNotifier notifier;
  private final int pendingAbove;
  private final String lane;
  private final Context traceContext = Context.current();

  private final Queue<OrderStatusAck> acks = new ArrayDeque<>();
  private int unanswered;
  private boolean halfClosed;
  private boolean closed;

  SyncStream(
      ServerCallStreamObserver<OrderStatusAck> responses,
      OrderWriter writer,
      ShipmentNotifier notifier,
      int pendingAbove,
      String lane) {
    this.responses = responses;
    this.writer = writer;
    this.notifier = notifier;
    this.pendingAbove = pendingAbove;
    this.lane = lane;
  }

  /** Must be called inside the service method, where gRPC still allows it. */
  void open() {
    responses.disableAutoRequest();
    responses.setOnReadyHandler(this::drain);
    responses.setOnCancelHandler(this::cancelled);
    responses.request(WINDOW);
  }

  @Override
  public void onNext(OrderStatusUpdate message) {
    OrderUpdate update = SyncMessages.update(message);
    Verdict verdict = OrderRules.wellFormed(update);
    synchronized (this) {
      unanswered++;
    }
    if (!verdict.accepted()) {
      answer(update, verdict);
      return;
    }
    writer.submit(
        update,
        new OrderWriter.Answer() {
          @Override
          public void answered(Verdict stored) {
            answer(update, stored);
          }

          @Override
          public void failed(StoreException cause) {
            fail(cause);
          }
        });
  }

  private void answer(OrderUpdate update, Verdict verdict) {
    boolean pending = writer.backlog() > pendingAbove;
    boolean ships = verdict.accepted() && update.status() == OrderStatus.SHIPPED;
    synchronized (this) {
      unanswered--;
      if (closed) {
        return;
      }
      acks.add(SyncMessages.ack(update.sequence(), verdict, pending));
      drain();
    }
    if (ships) {
      notifier.shipped(update, lane, traceContext, this::askForOne);
    } else {
      askForOne();
    }
  }

  private synchronized void askForOne() {
    if (!closed) {
      responses.request(1);
    }
  }

  /** Sends what the transport takes now; the rest waits for onReady. */
  private synchronized void drain() {
    while (!closed && !acks.isEmpty() && responses.isReady()) {
      responses.onNext(acks.remove());
    }
    if (halfClosed && !closed && unanswered == 0 && acks.isEmpty()) {
      closed = true;
      responses.onCompleted();
    }
  }

  private synchronized void fail(StoreException cause) {
    if (!closed) {
      closed = true;
      responses.onError(
          Status.UNAVAILABLE
              .withDescription("not stored, send again: " + cause.getMessage())
              .asRuntimeException());
    }
  }

  @Override
  public synchronized void onCompleted() {
    halfClosed = true;
    drain();
  }

  @Override
  public void onError(Throwable t) {
    cancelled();
  }

  private synchronized void cancelled() {
    closed = true;
    acks.clear();
  }
}
