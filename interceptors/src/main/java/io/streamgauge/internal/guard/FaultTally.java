package io.streamgauge.internal.guard;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Counts what was swallowed, and logs each distinct fault once: a fault on every call must not
 * become a log line on every call. A fault is distinct by site, exception class and throwing line.
 */
final class FaultTally {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** Distinct faults remembered; later ones are counted, not logged. */
  static final int MAX_DISTINCT = 100;

  private final Map<String, LongAdder> bySite = new ConcurrentHashMap<>();
  private final Map<String, Boolean> distinct = new ConcurrentHashMap<>();

  void add(String site, Throwable fault) {
    bySite.computeIfAbsent(site, key -> new LongAdder()).increment();
    if (distinct.size() >= MAX_DISTINCT) {
      return;
    }
    StackTraceElement[] stack = fault.getStackTrace();
    String where = stack.length == 0 ? "" : " at " + stack[0];
    String key = site + ' ' + fault.getClass().getName() + where;
    if (distinct.putIfAbsent(key, Boolean.TRUE) == null) {
      logger.log(
          Level.WARNING,
          "Streamgauge swallowed a fault of its own in " + site + "; the call is not affected",
          fault);
    }
  }

  long count(String site) {
    LongAdder count = bySite.get(site);
    return count == null ? 0 : count.sum();
  }

  Map<String, Long> counts() {
    Map<String, Long> counts = new HashMap<>();
    bySite.forEach((site, count) -> counts.put(site, count.sum()));
    return counts;
  }
}
