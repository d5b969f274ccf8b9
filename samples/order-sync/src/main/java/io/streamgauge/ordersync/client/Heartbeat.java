package io.streamgauge.ordersync.client;

import java.util.concurrent.TimeUnit;

/**
 * Beside HTTP/2 keepalive, which proves that the other side's transport lives: asks the service for
 * a sign of life when nothing was heard for one interval, and calls it silent after three more.
 */
final class Heartbeat {

  private static final int MISSES = 3;

  private final long intervalNanos;
  private long heardAt;
  private long askedAt;

  /** An interval of 0 never asks. */
  Heartbeat(long intervalMillis) {
    intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
  }

  /** Something came from the other side. */
  void heard(long now) {
    heardAt = now;
    askedAt = now;
  }

  /** Whether to ask now; counts as asked. */
  boolean isDue(long now) {
    if (intervalNanos == 0 || now - askedAt < intervalNanos) {
      return false;
    }
    askedAt = now;
    return true;
  }

  boolean isSilent(long now) {
    return intervalNanos > 0 && now - heardAt > (MISSES + 1) * intervalNanos;
  }
}
