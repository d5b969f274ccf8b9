package io.streamgauge.ordersync.flow;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Waits between tries: doubling from 100 ms to a cap, drawn anew below that each time (full
 * jitter). Not for several threads.
 */
public final class Backoff {

  private static final long BASE_MILLIS = 100;
  private static final long CAP_MILLIS = 30_000;

  private final long capMillis;
  private int failures;

  /** With a cap of 30 s. */
  public Backoff() {
    this(CAP_MILLIS);
  }

  public Backoff(long capMillis) {
    this.capMillis = capMillis;
  }

  /** The wait before the next try, above 0 and at most the cap. */
  public long nextMillis() {
    long ceiling = Math.min(capMillis, BASE_MILLIS << Math.min(failures++, 20));
    return ThreadLocalRandom.current().nextLong(ceiling) + 1;
  }

  /** A try has succeeded: the next wait is short again. */
  public void succeeded() {
    failures = 0;
  }
}
