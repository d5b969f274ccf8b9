package io.streamgauge.ordersync.client;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Waits between tries: doubling from 100 ms to 30 s, drawn anew below that each time (full jitter).
 */
final class Backoff {

  private static final long BASE_MILLIS = 100;
  private static final long CAP_MILLIS = 30_000;

  private final long capMillis;
  private int failures;

  Backoff() {
    this(CAP_MILLIS);
  }

  /** With a lower ceiling. */
  Backoff(long capMillis) {
    this.capMillis = capMillis;
  }

  long nextMillis() {
    long ceiling = Math.min(capMillis, BASE_MILLIS << Math.min(failures++, 20));
    return ThreadLocalRandom.current().nextLong(ceiling) + 1;
  }

  void succeeded() {
    failures = 0;
  }
}
