package io.streamgauge.ordersync.load;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.opentelemetry.context.Scope;
import io.streamgauge.ordersync.client.ClientMessages;
import io.streamgauge.ordersync.client.OrderContexts;
import io.streamgauge.ordersync.client.OrderSource;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.flow.ResendPace;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import io.streamgauge.ordersync.v1.RefusalReason;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * One stream of a load: takes updates as they are due, sends them as the transport and the window
 * allow, and reports each latency. What is refused for now is sent again at the pace of {@link
 * ResendPace}. Lives on one loop.
 */
final class LoadStream implements ClientResponseObserver<OrderStatusUpdate, OrderStatusAck> {

  private static final int WINDOW = 100;

  private record Due(OrderUpdate update, long at) {}

  private final OrderSource source;
  private final Executor loop;
  private final LongConsumer onLatency;
  private final OrderContexts contexts;
  private final LongSupplier nanos;
  private final ResendPace resend;
  private final Queue<Long> due = new ArrayDeque<>();
  private final TreeMap<Long, Due> unanswered = new TreeMap<>();
  private ClientCallStreamObserver<OrderStatusUpdate> requests;
  private long sentUpTo;
  private int outstanding;
  private boolean rewinding;
  private boolean slow;
  private boolean halfClosed;
  private volatile Status ended;

  private long acked;
  private long again;

  /**
   * Prepares a stream.
   *
   * @param onLatency hears of each final answer, in nanoseconds since the update was due
   * @param contexts what is current while an update is sent
   * @param nanos a clock such as {@link System#nanoTime}
   */
  LoadStream(
      OrderSource source,
      Executor loop,
      LongConsumer onLatency,
      OrderContexts contexts,
      LongSupplier nanos) {
    this.nanos = nanos;
    this.resend = new ResendPace(WINDOW, nanos);
    this.source = source;
    this.loop = loop;
    this.onLatency = onLatency;
    this.contexts = contexts;
  }

  void open(ManagedChannel channel, boolean slow) {
    this.slow = slow;
    OrderSyncGrpc.newStub(channel).syncOrderStatus(this);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<OrderStatusUpdate> stream) {
    requests = stream;
    stream.disableAutoRequestWithInitial(slow ? 0 : WINDOW);
    stream.setOnReadyHandler(() -> loop.execute(this::pump));
  }

  // ---- on the loop -----------------------------------------------------------------------------

  /** One more update was due at that time. */
  void due(long at) {
    due.add(at);
  }

  /** Reads so many acks more: of a stream that is slow on purpose. */
  void read(int acks) {
    requests.request(acks);
  }

  void pump() {
    while (ended == null && mayHaveOneMore() && requests.isReady()) {
      Map.Entry<Long, Due> again = unanswered.higherEntry(sentUpTo);
      Due next = again == null ? fresh() : again.getValue();
      if (next == null) {
        break;
      }
      OrderUpdate update = next.update();
      sentUpTo = update.sequence();
      outstanding++;
      try (Scope scope = contexts.sending(update).makeCurrent()) {
        requests.onNext(ClientMessages.update(update, update.sequence()));
      }
    }
  }

  private boolean mayHaveOneMore() {
    return !rewinding && !resend.isPaused() && outstanding < resend.allowed();
  }

  private Due fresh() {
    Long at = due.poll();
    if (at == null) {
      return null;
    }
    Due fresh = new Due(source.next(), at);
    unanswered.put(fresh.update().sequence(), fresh);
    return fresh;
  }

  private void answered(OrderStatusAck ack) {
    outstanding--;
    if (ClientMessages.isForNow(ack.getReason())) {
      again++;
      rewinding = true;
      resend.refused(ack.getReason() == RefusalReason.REFUSAL_REASON_NOT_STORED);
    } else {
      Due settled = unanswered.remove(ack.getSequence());
      if (settled != null) {
        acked++;
        resend.settled();
        contexts.accepted(settled.update());
        onLatency.accept(nanos.getAsLong() - settled.at());
      }
    }
    if (rewinding && outstanding == 0) {
      rewinding = false;
      sentUpTo = 0;
      resend.beginAgain();
    }
    if (!slow) {
      requests.request(1);
    }
    pump();
  }

  /** Makes no more; half-closes when all is answered. */
  void finish() {
    due.clear();
    if (slow) {
      slow = false;
      requests.request(WINDOW);
    }
    if (unanswered.isEmpty() && !halfClosed && ended == null) {
      halfClosed = true;
      requests.onCompleted();
    }
  }

  long acked() {
    return acked;
  }

  long again() {
    return again;
  }

  /** Sent on this stream and not answered. */
  int outstanding() {
    return outstanding;
  }

  /** Due and not answered. */
  long behind() {
    return (long) due.size() + unanswered.size();
  }

  /** How the stream ended, or null. */
  Status ended() {
    return ended;
  }

  // ---- on gRPC's threads -----------------------------------------------------------------------

  @Override
  public void onNext(OrderStatusAck ack) {
    loop.execute(() -> answered(ack));
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
