package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.flow.Backlog;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.Refusal;
import io.streamgauge.ordersync.telemetry.RareLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The one thread that uses the store. It takes what all streams have submitted since the last
 * commit as one transaction (group commit), so that durability costs one sync per batch instead of
 * one per update. What it has not come to waits in a bounded {@link Backlog}.
 */
final class OrderWriter implements AutoCloseable {

  /** Hears what became of an update: one of the two, once. */
  interface Reply {
    /** The update is durable, or refused, or its predecessor is missing; on the writer's thread. */
    void answered(Answer answer);

    /** Nothing was stored, it must be sent again; on any thread. */
    void refused(Refusal why);
  }

  /** A question about shipments, answered by the store. */
  private record Load(int limit, Consumer<List<Shipment>> answer) {}

  /** Largest transaction. */
  static final int MAX_BATCH = 500;

  private record Job(OrderUpdate update, Reply reply) {}

  private record Told(Shipment shipment, Runnable forgotten) {}

  private static final System.Logger logger = System.getLogger("ordersync");

  private final OrderStore store;
  private final Backlog<Job> backlog;
  private final StoreHealth health = new StoreHealth(System::nanoTime);
  private final RareLog log = new RareLog();
  private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Load> load = new AtomicReference<>();
  private final Thread thread = new Thread(this::run, "order-writer");
  private volatile boolean closed;

  /** Of the last write that failed; what must succeed to show that the store has recovered. */
  private int failedUpdates = 1;

  OrderWriter(OrderStore store, Supplier<FlowLimits> limits) {
    this.store = store;
    this.backlog =
        new Backlog<>(
            limits, System::nanoTime, (job, why) -> guarded(() -> job.reply().refused(why)));
  }

  void start() {
    thread.start();
  }

  /** Never blocks; the answer comes later. */
  void submit(OrderUpdate update, Reply reply) {
    backlog.offer(new Job(update, reply));
  }

  /**
   * Fulfilment knows of it; the store forgets it with the next transaction.
   *
   * @param forgotten runs on the writer's thread once that is durable
   */
  void told(Shipment shipment, Runnable forgotten) {
    told.add(new Told(shipment, forgotten));
  }

  /** Asks for shipments of which fulfilment has not been told; answered on the writer's thread. */
  void loadUntold(int limit, Consumer<List<Shipment>> answer) {
    load.set(new Load(limit, answer));
  }

  /** What waits to be written. */
  Backlog<?> backlog() {
    return backlog;
  }

  /** Whether the store can be written. */
  StoreHealth health() {
    return health;
  }

  private void run() {
    List<Job> batch = new ArrayList<>();
    try {
      while (true) {
        backlog.drainTo(batch, MAX_BATCH, 100, TimeUnit.MILLISECONDS);
        boolean last = closed && batch.isEmpty();
        if (!batch.isEmpty()) {
          write(batch);
          batch.clear();
        } else if (last || !health.isFailing() || health.isTryDue()) {
          writeWithoutUpdates();
        }
        load();
        if (last) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      health.end();
    }
  }

  private void writeWithoutUpdates() {
    if (!told.isEmpty()) {
      write(List.of());
    } else if (health.isTryDue()) {
      probe();
    }
  }

  private void write(List<Job> batch) {
    List<Told> done = new ArrayList<>();
    for (Told each = told.poll(); each != null; each = told.poll()) {
      done.add(each);
    }
    List<Answer> answers;
    health.begin();
    try {
      answers =
          store.apply(
              batch.stream().map(Job::update).toList(), done.stream().map(Told::shipment).toList());
    } catch (StoreException | RuntimeException e) {
      failed(e, batch.size());
      told.addAll(done);
      batch.forEach(job -> guarded(() -> job.reply().refused(Refusal.NOT_STORED)));
      return;
    }
    health.succeeded(!done.isEmpty() || answers.stream().anyMatch(Answer::fresh));
    done.forEach(each -> guarded(each.forgotten()));
    for (int i = 0; i < batch.size(); i++) {
      Job job = batch.get(i);
      Answer answer = answers.get(i);
      guarded(() -> job.reply().answered(answer));
    }
  }

  private void probe() {
    health.begin();
    try {
      store.probe(health.isFailing() ? failedUpdates : 1);
      health.succeeded(true);
    } catch (StoreException | RuntimeException e) {
      failed(e, failedUpdates);
    }
  }

  private void failed(Exception e, int updates) {
    failedUpdates = Math.max(1, updates);
    health.failed();
    log.warn("the store refuses writes", String.valueOf(e.getMessage()));
  }

  private void load() {
    Load asked = load.getAndSet(null);
    if (asked == null) {
      return;
    }
    try {
      List<Shipment> untold = store.untold(asked.limit());
      guarded(() -> asked.answer().accept(untold));
    } catch (StoreException | RuntimeException e) {
      log.warn("the store cannot be read", String.valueOf(e.getMessage()));
    }
  }

  /** One stream's trouble must not end the thread that all streams depend on. */
  private static void guarded(Runnable reply) {
    try {
      reply.run();
    } catch (RuntimeException e) {
      logger.log(System.Logger.Level.ERROR, "a reply failed", e);
    }
  }

  /** Writes what is queued and ends the thread. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.close();
  }
}
