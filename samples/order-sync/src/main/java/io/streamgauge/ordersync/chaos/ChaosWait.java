package io.streamgauge.ordersync.chaos;

import io.streamgauge.ordersync.flow.Standstill;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Waits as long as something moves, and for a minute without a move: how long something takes on a
 * loaded machine says nothing about what is promised.
 */
final class ChaosWait {

  /** Ends a wait for something that does not come while other things move for ever. */
  private static final long CEILING_SECONDS = 20 * 60;

  /** Something that becomes true. */
  interface Condition {
    /**
     * Looks.
     *
     * @throws IOException if that is not possible at this moment; the next look is soon
     */
    boolean holds() throws InterruptedException, IOException;
  }

  /** Something that changes with each bit of progress. */
  interface Moves {
    String now() throws InterruptedException;
  }

  private final ChaosFindings findings;

  ChaosWait(ChaosFindings findings) {
    this.findings = findings;
  }

  /** Waits until it holds; false, and a finding, if the wait was in vain. */
  boolean until(String what, Condition condition, Moves moves) throws InterruptedException {
    Standstill standstill = new Standstill();
    long begun = System.nanoTime();
    long looked = begun;
    while (!holds(condition)) {
      long now = System.nanoTime();
      if (now - looked > TimeUnit.SECONDS.toNanos(1)) {
        looked = now;
        if (standstill.isReached(moves.now())
            || now - begun > TimeUnit.SECONDS.toNanos(CEILING_SECONDS)) {
          findings.add(ChaosFindings.Kind.UNFINISHED, "waited in vain for: " + what);
          return false;
        }
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return true;
  }

  private static boolean holds(Condition condition) throws InterruptedException {
    try {
      return condition.holds();
    } catch (IOException e) {
      return false;
    }
  }
}
