package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.store.JdbcOrderStore;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** A real store in memory, whose transactions can be held up or made to fail. */
public final class HeldStore implements OrderStore {

  private JdbcOrderStore store;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile boolean fails;
  private volatile int held;
  private volatile CountDownLatch holding;
  private final AtomicLong applied = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  public void hold() {
    gate = new CountDownLatch(1);
  }

  public void release() {
    gate.countDown();
  }

  /** Lets the transaction that waits now go on, and holds the next one. */
  public void releaseOne() {
    CountDownLatch now = gate;
    hold();
    now.countDown();
  }

  public void fail(boolean fail) {
    fails = fail;
  }

  /** Whether a transaction waits to be released. */
  public boolean isHolding() {
    CountDownLatch now = holding;
    return now != null && now.getCount() > 0;
  }

  /** Updates in the transaction that is held. */
  public int held() {
    return held;
  }

  public long applied() {
    return applied.get();
  }

  /** Updates in transactions that failed. */
  public long refused() {
    return refused.get();
  }

  private void pass(int updates) throws StoreException {
    held = updates;
    CountDownLatch now = gate;
    holding = now.getCount() > 0 ? now : null;
    try {
      now.await();
    } catch (InterruptedException e) {
      throw new StoreException("interrupted", e);
    }
    if (fails) {
      refused.addAndGet(updates);
      throw new StoreException("full", null);
    }
    if (store == null) {
      store = JdbcOrderStore.open(":memory:");
    }
  }

  @Override
  public void probe(int updates) throws StoreException {
    pass(0);
    store.probe(updates);
  }

  @Override
  public List<Answer> apply(List<OrderUpdate> batch, List<Shipment> told) throws StoreException {
    pass(batch.size());
    List<Answer> answers = store.apply(batch, told);
    applied.addAndGet(
        answers.stream().filter(each -> each.fresh() && each.verdict().accepted()).count());
    return answers;
  }

  @Override
  public List<Shipment> untold(int limit) {
    return List.of();
  }

  @Override
  public void close() {
    if (store != null) {
      store.close();
    }
  }
}
