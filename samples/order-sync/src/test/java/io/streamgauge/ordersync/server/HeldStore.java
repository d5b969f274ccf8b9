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
final class HeldStore implements OrderStore {

  private JdbcOrderStore store;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile boolean fails;
  private volatile int held;
  private final AtomicLong applied = new AtomicLong();

  void hold() {
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  void fail(boolean fail) {
    fails = fail;
  }

  /** Updates in the transaction that is held. */
  int held() {
    return held;
  }

  long applied() {
    return applied.get();
  }

  @Override
  public List<Answer> apply(List<OrderUpdate> batch, List<Shipment> told) throws StoreException {
    held = batch.size();
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new StoreException("interrupted", e);
    }
    if (fails) {
      throw new StoreException("full", null);
    }
    if (store == null) {
      store = JdbcOrderStore.open(":memory:");
    }
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
