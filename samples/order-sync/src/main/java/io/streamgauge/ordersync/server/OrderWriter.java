package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.domain.OrderUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that writes. It takes what all streams have submitted since the last commit as one
 * transaction (group commit), so that durability costs one sync per batch instead of one per
 * update. The queue is bounded by the streams' windows, not here.
 */
final class OrderWriter implements AutoCloseable {

  /** Hears what became of an update, on the writer's thread. */
  interface Reply {
    /** The update is durable, or refused, or its predecessor is missing. */
    void answered(Answer answer);

    /** Nothing was stored; the client must send it again. */
    void failed(StoreException cause);
  }

  /** Largest transaction. */
  static final int MAX_BATCH = 500;

  private record Job(OrderUpdate update, Reply reply) {}

  private final OrderStore store;
  private final BlockingQueue<Job> queue = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "order-writer");
  private volatile boolean closed;

  OrderWriter(OrderStore store) {
    this.store = store;
  }

  void start() {
    thread.start();
  }

  /** Never blocks; the answer comes later. */
  void submit(OrderUpdate update, Reply reply) {
    queue.add(new Job(update, reply));
  }

  /** Updates submitted and not answered. */
  int backlog() {
    return queue.size();
  }

  private void run() {
    List<Job> batch = new ArrayList<>();
    try {
      while (true) {
        Job first = queue.poll(100, TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, MAX_BATCH - 1);
          write(batch);
          batch.clear();
        } else if (closed) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(List<Job> batch) {
    List<Answer> answers;
    try {
      answers = store.apply(batch.stream().map(Job::update).toList());
    } catch (StoreException e) {
      System.getLogger("ordersync").log(System.Logger.Level.WARNING, e.getMessage());
      batch.forEach(job -> reply(() -> job.reply().failed(e)));
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      Job job = batch.get(i);
      Answer answer = answers.get(i);
      reply(() -> job.reply().answered(answer));
    }
  }

  /** One stream's trouble must not end the thread that all streams depend on. */
  private static void reply(Runnable reply) {
    try {
      reply.run();
    } catch (RuntimeException e) {
      System.getLogger("ordersync").log(System.Logger.Level.ERROR, "a reply failed", e);
    }
  }

  /** Writes what is queued and ends the thread. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
