package io.streamgauge.ordersync.server;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether the store can be written: what the last write came to, and whether one is taking too
 * long. The writer's thread tells it; any thread may ask, and never waits for the store.
 */
final class StoreHealth {

  /** An idle store is tried this often. */
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** A store that failed is tried this often. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A write that takes longer is as good as refused for those who would send more streams. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final LongSupplier nanos;
  private volatile boolean failing;
  private volatile boolean writing;
  private volatile long since;
  private volatile boolean ended;

  /** Of the writer's thread. */
  private long nextTry;

  StoreHealth(LongSupplier nanos) {
    this.nanos = nanos;
    this.nextTry = nanos.getAsLong() + PROBE_NANOS;
  }

  // ---- the writer's thread
  // -----------------------------------------------------------------------

  void begin() {
    since = nanos.getAsLong();
    writing = true;
  }

  /**
   * The write is over.
   *
   * @param proved something was written; a transaction that had nothing to write proves nothing
   */
  void succeeded(boolean proved) {
    writing = false;
    if (proved) {
      failing = false;
    }
    if (!failing) {
      nextTry = nanos.getAsLong() + PROBE_NANOS;
    }
  }

  void failed() {
    failing = true;
    writing = false;
    nextTry = nanos.getAsLong() + RETRY_NANOS;
  }

  /** The writer's thread is over. */
  void end() {
    ended = true;
  }

  boolean isFailing() {
    return failing;
  }

  /** Whether nothing was written for so long that it is time to try. */
  boolean isTryDue() {
    return nanos.getAsLong() - nextTry >= 0;
  }

  // ---- any thread ----------------------------------------------------------------------------

  /** What is in the way of a write, or null if nothing is. */
  String hindrance() {
    if (ended) {
      return "the thread that writes to the store has ended";
    }
    if (failing) {
      return "the store refuses writes";
    }
    if (writing && nanos.getAsLong() - since > PATIENCE_NANOS) {
      return "the store does not answer";
    }
    return null;
  }
}
