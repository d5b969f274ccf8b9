package io.streamgauge.ordersync.server;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The steps of an update between its arrival and its ack. A server can be told to die at one of
 * them, as by kill -9, so that a test reaches every moment and not only the likely ones.
 */
public final class Steps {

  /** In the order in which an update goes through them. */
  public enum Step {
    AFTER_RECEIVE,
    BEFORE_COMMIT,
    AFTER_COMMIT,
    BEFORE_ACK,
    AFTER_ACK,
    AFTER_NOTICE;

    /** As it is given on the command line. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Nothing happens at any step. */
  public static final Steps NONE = new Steps(null, 0);

  private final Step dieAt;
  private final AtomicInteger left;

  /**
   * Dies at a step.
   *
   * @param dieAt null for never
   * @param after how many times the step is passed before
   */
  public Steps(Step dieAt, int after) {
    this.dieAt = dieAt;
    this.left = new AtomicInteger(after);
  }

  /** An update is there. */
  public void at(Step step) {
    if (step == dieAt && left.getAndDecrement() == 0) {
      // No shutdown hook, no flush: what a SIGKILL leaves behind.
      Runtime.getRuntime().halt(137);
    }
  }
}
