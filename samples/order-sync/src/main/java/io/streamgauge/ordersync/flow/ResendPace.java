package io.streamgauge.ordersync.flow;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When a sender sends again what was refused for now, and how many messages it then has on their
 * way. After a refusal it waits ({@link Backoff}), then tries with one message: while the server
 * refuses, each try costs one send and not a window of them. Each message that is answered for good
 * lets one more be on its way. Not for several threads.
 */
public final class ResendPace {

  /** A server that is behind catches up soon. A store that cannot be written may take long. */
  private static final long BEHIND_CAP_MILLIS = 2_000;

  private final int most;
  private final LongSupplier nanos;
  private final Backoff whileBehind = new Backoff(BEHIND_CAP_MILLIS);
  private final Backoff whileNotStored = new Backoff();
  private boolean notStored;
  private long pausedUntil;
  private int allowed;

  /**
   * Starts without a wait.
   *
   * @param most messages on their way while nothing is refused
   * @param nanos a clock such as {@link System#nanoTime}
   */
  public ResendPace(int most, LongSupplier nanos) {
    this.most = most;
    this.nanos = nanos;
    this.allowed = most;
    this.pausedUntil = nanos.getAsLong();
  }

  /**
   * A message was refused for now.
   *
   * @param byStore the store could not be written, rather than the server being behind
   */
  public void refused(boolean byStore) {
    notStored |= byStore;
  }

  /**
   * All messages are answered and some were refused: the wait before they are sent again begins.
   */
  public void beginAgain() {
    pause((notStored ? whileNotStored : whileBehind).nextMillis());
    notStored = false;
    allowed = 1;
  }

  /** A message was answered for good. */
  public void settled() {
    whileBehind.succeeded();
    whileNotStored.succeeded();
    allowed = Math.min(most, allowed + 1);
  }

  /** Sends nothing for at least that long. */
  public void pause(long millis) {
    long until = nanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis);
    pausedUntil = until - pausedUntil > 0 ? until : pausedUntil;
  }

  /**
   * Ends the wait: there is a new stream, perhaps to another server. The next wait is not short.
   */
  public void endPause() {
    pausedUntil = nanos.getAsLong();
    notStored = false;
  }

  public boolean isPaused() {
    return nanos.getAsLong() - pausedUntil < 0;
  }

  /** Messages that may be on their way, unanswered; at least 1. */
  public int allowed() {
    return allowed;
  }
}
