package io.streamgauge.ordersync.server;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.LamportClock;
import io.streamgauge.ordersync.domain.OrderRules;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.domain.Verdict;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.Refusal;
import io.streamgauge.ordersync.flow.SlidingWindowLimiter;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.telemetry.Origin;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/**
 * One stream of one client, with flow control by hand in both directions.
 *
 * <p>Inbound: {@value #WINDOW} messages are asked for at the start, and one more each time the
 * transport has taken the answer to one. Outbound: answers leave only while the transport takes
 * them ({@code isReady}, {@code onReady}). So a client that sends without reading fills the window
 * and no more. Every message is answered exactly once.
 *
 * <p>gRPC's thread never waits here: it hands the update to the writer and returns. The writer's
 * thread sends acks; the monitor keeps the two from calling the observer at once.
 */
final class SyncStream implements StreamObserver<OrderStatusUpdate> {

  /** Messages a stream may have in hand. */
  static final int WINDOW = 100;

  /** What all streams of a server share. */
  record Surroundings(
      OrderWriter writer,
      ShipmentOutbox outbox,
      StreamRegistry registry,
      Supplier<FlowLimits> limits,
      LamportClock clock,
      Attachment attachment,
      SyncTotals totals,
      Steps steps) {}

  private final ServerCallStreamObserver<OrderStatusAck> responses;
  private final Surroundings to;
  private final SlidingWindowLimiter limiter = new SlidingWindowLimiter();
  private final Queue<OrderStatusAck> acks = new ArrayDeque<>();
  private String clientId;
  private int unanswered;
  private long watermark;
  private boolean halfClosed;
  private boolean leaving;
  private boolean closed;

  SyncStream(ServerCallStreamObserver<OrderStatusAck> responses, Surroundings to) {
    this.responses = responses;
    this.to = to;
  }

  /** Must be called inside the service method, where gRPC still allows it. */
  void open() {
    responses.disableAutoRequest();
    responses.setOnReadyHandler(this::drain);
    responses.setOnCancelHandler(this::cancelled);
    to.attachment().buffer("updates in hand", this::inHand);
    responses.request(WINDOW);
  }

  /** Messages taken and not done with; never above {@link #WINDOW}. */
  private synchronized int inHand() {
    return unanswered + acks.size();
  }

  @Override
  public void onNext(OrderStatusUpdate message) {
    to.steps().at(Steps.Step.AFTER_RECEIVE);
    synchronized (this) {
      unanswered++;
    }
    if (message.getPing() != 0) {
      answer(SyncMessages.pong(message, to.clock().merge(message.getLamport())));
      return;
    }
    // The order's own, if the message carries them; kept, since the answer is another thread's.
    Origin origin = to.attachment().origin();
    OrderUpdate update =
        SyncMessages.update(message, to.clock().merge(message.getLamport()), origin);
    if (!owns(update)) {
      // Nobody's place in any sequence; there is nothing to remember it by.
      answer(update, new Answer(Verdict.INVALID, false, watermark()), origin);
      return;
    }
    if (!limiter.tryAcquire(System.nanoTime(), to.limits().get().perWindow())) {
      refuse(update, Refusal.RATE_LIMITED);
      return;
    }
    to.writer()
        .submit(
            update,
            new OrderWriter.Reply() {
              @Override
              public void answered(Answer answer) {
                answer(update, answer, origin);
              }

              @Override
              public void refused(Refusal why) {
                refuse(update, why);
              }
            });
  }

  /** Whether the update is of this stream's client, which the first one names. */
  private boolean owns(OrderUpdate update) {
    if (!OrderRules.isName(update.clientId()) || update.sequence() < 1) {
      return false;
    }
    synchronized (this) {
      if (clientId != null) {
        return clientId.equals(update.clientId());
      }
      clientId = update.clientId();
    }
    to.registry().claim(update.clientId(), this);
    return true;
  }

  private void answer(OrderUpdate update, Answer answer, Origin origin) {
    if (answer.verdict() == Verdict.OUT_OF_SEQUENCE) {
      refuse(update, Refusal.OUT_OF_SEQUENCE);
      return;
    }
    boolean applied = answer.fresh() && answer.verdict().accepted();
    if (applied) {
      to.totals().applied(origin.gray());
    }
    // Told even if the stream is gone: the order has shipped. Before the ack, with which the stream
    // and then the server may end.
    if (applied && update.status() == OrderStatus.SHIPPED) {
      to.outbox()
          .shipped(
              new Shipment(update.orderId(), update.version(), update.origin()),
              origin.gray(),
              origin.context());
    }
    to.steps().at(Steps.Step.BEFORE_ACK);
    answer(
        SyncMessages.ack(
            update.sequence(),
            answer.verdict(),
            raise(answer.watermark()),
            to.clock().tick(),
            to.writer().backlog().isFull()));
    to.steps().at(Steps.Step.AFTER_ACK);
  }

  private void refuse(OrderUpdate update, Refusal why) {
    ServerMetrics.refused(why);
    to.totals().refused();
    answer(SyncMessages.refusal(update.sequence(), why, watermark(), to.clock().tick()));
  }

  private synchronized long watermark() {
    return watermark;
  }

  /** The watermark never falls, in whatever order answers come. */
  private synchronized long raise(long to) {
    watermark = Math.max(watermark, to);
    return watermark;
  }

  private synchronized void answer(OrderStatusAck ack) {
    unanswered--;
    if (!closed) {
      acks.add(ack);
      drain();
    }
  }

  /** Sends what the transport takes now; the rest waits for onReady. */
  private synchronized void drain() {
    while (!closed && !acks.isEmpty() && responses.isReady()) {
      responses.onNext(acks.remove());
      if (!leaving) {
        responses.request(1);
      }
    }
    if (halfClosed && !closed && unanswered == 0 && acks.isEmpty()) {
      close();
      responses.onCompleted();
    }
    if (leaving && unanswered == 0 && acks.isEmpty()) {
      end("this instance is draining, try another");
    }
  }

  /** Takes nothing new, answers what it has in hand, and ends. */
  synchronized void leave() {
    leaving = true;
    drain();
  }

  private synchronized void close() {
    closed = true;
    acks.clear();
    to.registry().unregister(clientId, this);
  }

  /** The server ends the stream; the client may come again. */
  void end(String why) {
    end(Status.UNAVAILABLE.withDescription(why));
  }

  synchronized void end(Status status) {
    if (!closed) {
      close();
      responses.onError(status.asRuntimeException());
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
    if (!closed) {
      close();
    }
  }
}
