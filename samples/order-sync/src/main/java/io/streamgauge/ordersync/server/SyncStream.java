package io.streamgauge.ordersync.server;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One stream of one client, with flow control by hand in both directions.
 *
 * <p>Inbound: {@value #WINDOW} messages are asked for at the start, and one more each time one is
 * completely done with: stored, its ack taken by the transport and, if it shipped, fulfilment told.
 * Outbound: acks leave only while the transport takes them ({@code isReady}, {@code onReady}). So a
 * client that sends without reading fills the window and no more.
 *
 * <p>gRPC's thread never waits here: it hands the update to the writer and returns. The writer's
 * thread sends acks; the monitor keeps the two from calling the observer at once.
 */
final class SyncStream implements StreamObserver<OrderStatusUpdate> {

  /** Updates a stream may have in hand. */
  static final int WINDOW = 100;

  /** An ack on its way out, and what else must be done before its place is free again. */
  private record Outbound(OrderStatusAck ack, Runnable partDone) {}

  /** Where an update comes from: its trace, and whether its order is gray. */
  private record Origin(Context context, boolean gray) {}

  private final ServerCallStreamObserver<OrderStatusAck> responses;
  private final OrderWriter writer;
  private final ShipmentNotifier notifier;
  private final int pendingAbove;
  private final Attachment attachment;
  private final SyncTotals totals;
  private final Queue<Outbound> acks = new ArrayDeque<>();
  private int unanswered;
  private boolean halfClosed;
  private boolean closed;

  SyncStream(
      ServerCallStreamObserver<OrderStatusAck> responses,
      OrderWriter writer,
      ShipmentNotifier notifier,
      int pendingAbove,
      Attachment attachment,
      SyncTotals totals) {
    this.responses = responses;
    this.writer = writer;
    this.notifier = notifier;
    this.pendingAbove = pendingAbove;
    this.attachment = attachment;
    this.totals = totals;
  }

  /** Must be called inside the service method, where gRPC still allows it. */
  void open() {
    responses.disableAutoRequest();
    responses.setOnReadyHandler(this::drain);
    responses.setOnCancelHandler(this::cancelled);
    attachment.buffer("updates in hand", this::inHand);
    responses.request(WINDOW);
  }

  /** Updates taken and not done with; never above {@link #WINDOW}. */
  private synchronized int inHand() {
    return unanswered + acks.size();
  }

  @Override
  public void onNext(OrderStatusUpdate message) {
    OrderUpdate update = SyncMessages.update(message);
    // The order's own, if the message carries them; kept, since the answer is another thread's.
    Origin origin = new Origin(Context.current(), attachment.tag().equals("gray"));
    synchronized (this) {
      unanswered++;
    }
    if (update.clientId().isEmpty() || update.sequence() < 1) {
      // Nobody's place in any sequence; there is nothing to remember it by.
      answer(update, new Answer(Verdict.INVALID, false), origin);
      return;
    }
    writer.submit(
        update,
        new OrderWriter.Reply() {
          @Override
          public void answered(Answer answer) {
            answer(update, answer, origin);
          }

          @Override
          public void failed(StoreException cause) {
            end("not stored, send again: " + cause.getMessage());
          }
        });
  }

  private void answer(OrderUpdate update, Answer answer, Origin origin) {
    if (answer.verdict() == Verdict.OUT_OF_SEQUENCE) {
      end("update " + update.sequence() + ": " + answer.verdict().detail());
      return;
    }
    if (answer.fresh() && answer.verdict().accepted()) {
      totals.applied(origin.gray());
    }
    // Told even if the stream is gone: the order has shipped, and nobody will say so again.
    boolean ships =
        answer.fresh() && answer.verdict().accepted() && update.status() == OrderStatus.SHIPPED;
    Runnable partDone = afterParts(ships ? 2 : 1);
    boolean pending = writer.backlog() > pendingAbove;
    synchronized (this) {
      unanswered--;
      if (!closed) {
        acks.add(
            new Outbound(SyncMessages.ack(update.sequence(), answer.verdict(), pending), partDone));
        drain();
      }
    }
    if (ships) {
      notifier.shipped(update, origin.gray(), origin.context(), partDone);
    }
  }

  /** Asks for one more message when it has run that many times. */
  private Runnable afterParts(int parts) {
    AtomicInteger left = new AtomicInteger(parts);
    return () -> {
      if (left.decrementAndGet() == 0) {
        askForOne();
      }
    };
  }

  private synchronized void askForOne() {
    if (!closed) {
      responses.request(1);
    }
  }

  /** Sends what the transport takes now; the rest waits for onReady. */
  private synchronized void drain() {
    while (!closed && !acks.isEmpty() && responses.isReady()) {
      Outbound next = acks.remove();
      responses.onNext(next.ack());
      next.partDone().run();
    }
    if (halfClosed && !closed && unanswered == 0 && acks.isEmpty()) {
      closed = true;
      responses.onCompleted();
    }
  }

  private synchronized void end(String why) {
    if (!closed) {
      closed = true;
      acks.clear();
      responses.onError(Status.UNAVAILABLE.withDescription(why).asRuntimeException());
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
