package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
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
  interface Answer {
    /** The update is durable, or refused. */
    void answered(Verdict verdict);

    /** Nothing was stored; the client must send it again. */
    void failed(StoreException cause);
  }

  /** Largest transaction. */
  private static final int MAX_BATCH = 500;

  private record Job(OrderUpdate update, Answer answer) {}

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
  void submit(OrderUpdate update, Answer answer) {
    queue.add(new Job(update, answer));
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
    List<Verdict> verdicts;
    try {
      verdicts = store.apply(batch.stream().map(Job::update).toList());
    } catch (StoreException e) {
      System.getLogger("ordersync").log(System.Logger.Level.WARNING, e.getMessage());
      batch.forEach(job -> job.answer().failed(e));
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).answer().answered(verdicts.get(i));
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
