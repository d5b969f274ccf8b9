package io.streamgauge.ordersync.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A queue that never holds more than its high mark. From there down to its low mark it is full, and
 * the policy decides about what comes; whoever is refused hears why, outside of the lock. Nobody
 * waits to put something in: what may wait is set aside, so that a gRPC thread can go on.
 */
public final class Backlog<T> {

  private record Waiting<T>(T item, long until) {}

  private record Refused<T>(T item, Refusal why) {}

  private final Supplier<FlowLimits> limits;
  private final LongSupplier nanos;
  private final BiConsumer<T, Refusal> onRefused;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Queue<T> queue = new ArrayDeque<>();
  private final Queue<Waiting<T>> waiting = new ArrayDeque<>();
  private volatile boolean full;

  /**
   * Makes an empty one.
   *
   * @param nanos a clock such as {@link System#nanoTime}
   * @param onRefused hears of each item that is not taken, or taken back, once; on any thread
   */
  public Backlog(
      Supplier<FlowLimits> limits, LongSupplier nanos, BiConsumer<T, Refusal> onRefused) {
    this.limits = limits;
    this.nanos = nanos;
    this.onRefused = onRefused;
  }

  /** Takes an item, sets it aside or refuses one; returns at once. */
  public void offer(T item) {
    FlowLimits now = limits.get();
    Refused<T> refused = null;
    lock.lock();
    try {
      full |= queue.size() >= now.high();
      if (!full && waiting.isEmpty()) {
        add(item);
      } else if (now.policy() == OverflowPolicy.REJECT_NEW) {
        refused = new Refused<>(item, Refusal.REJECTED_NEW);
      } else if (now.policy() == OverflowPolicy.BLOCK_UNTIL_DRAIN) {
        long wait = TimeUnit.MILLISECONDS.toNanos(now.waitMillis());
        waiting.add(new Waiting<>(item, nanos.getAsLong() + wait));
      } else {
        if (queue.size() >= now.high()) {
          refused = new Refused<>(queue.remove(), Refusal.DROPPED_OLDEST);
        }
        add(item);
      }
    } finally {
      lock.unlock();
    }
    if (refused != null) {
      onRefused.accept(refused.item(), refused.why());
    }
  }

  private void add(T item) {
    queue.add(item);
    full |= queue.size() >= limits.get().high();
    filled.signal();
  }

  /** Moves up to that many items into a collection; waits for the first one if there is none. */
  public void drainTo(Collection<T> into, int most, long timeout, TimeUnit unit)
      throws InterruptedException {
    long left = unit.toNanos(timeout);
    lock.lock();
    try {
      while (queue.isEmpty() && left > 0) {
        left = filled.awaitNanos(left);
      }
      for (int i = 0; i < most && !queue.isEmpty(); i++) {
        into.add(queue.remove());
      }
      admit();
    } finally {
      lock.unlock();
    }
  }

  /** Lets in what has waited, oldest first, once the low mark is reached. */
  private void admit() {
    FlowLimits now = limits.get();
    if (queue.size() <= now.low()) {
      full = false;
    }
    while (!full && !waiting.isEmpty()) {
      add(waiting.remove().item());
      full = queue.size() >= now.high();
    }
  }

  /** Refuses what has waited too long; call it every now and then. */
  public void expire() {
    List<T> expired = new ArrayList<>();
    lock.lock();
    try {
      long now = nanos.getAsLong();
      for (Iterator<Waiting<T>> each = waiting.iterator(); each.hasNext(); ) {
        Waiting<T> next = each.next();
        if (next.until() - now <= 0) {
          each.remove();
          expired.add(next.item());
        }
      }
    } finally {
      lock.unlock();
    }
    expired.forEach(item -> onRefused.accept(item, Refusal.WAITED_TOO_LONG));
  }

  /** Items taken and not yet drained; at most the high mark. */
  public int depth() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** Items set aside. */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Between the marks on the way down, or above: senders should hold back. */
  public boolean isFull() {
    return full;
  }
}
