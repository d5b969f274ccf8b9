package io.streamgauge.internal.guard;

import java.util.Map;

/**
 * Stands between the toolkit's code and the user's call. Hooks catch {@link Throwable} and hand it
 * here; the call goes on as if the hook had not been there.
 *
 * <p>Hooks are written as plain try/catch rather than as lambdas given to this class, because a
 * capturing lambda allocates and hooks run per message.
 *
 * <p>Safe for any thread.
 */
public final class Guard {

  private final FaultTally tally = new FaultTally();

  /**
   * Counts a fault under {@code site}, logs it if it is a new one, and returns normally.
   *
   * @param site a constant naming the hook; becomes a label value, so it must not vary
   * @throws OutOfMemoryError if that is the fault; likewise {@link InternalError} and {@link
   *     ThreadDeath}: nothing may continue after those
   */
  public void swallow(String site, Throwable fault) {
    rethrowIfFatal(fault);
    try {
      tally.add(site, fault);
    } catch (Throwable whileTallying) {
      // A deep stack can overflow again here. The call matters more than the tally.
      rethrowIfFatal(whileTallying);
    }
  }

  @SuppressWarnings({"deprecation", "removal"}) // ThreadDeath: still thrown on the JVMs we run in
  private static void rethrowIfFatal(Throwable fault) {
    if (fault instanceof OutOfMemoryError
        || fault instanceof InternalError
        || fault instanceof ThreadDeath) {
      throw (Error) fault;
    }
  }

  /** Faults swallowed at {@code site} since this guard was made. */
  public long faults(String site) {
    return tally.count(site);
  }

  /** Faults swallowed so far by site; a copy. */
  public Map<String, Long> faults() {
    return tally.counts();
  }
}
