package io.streamgauge.console.http;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a server has refused or cut, by kind. Safe for any thread. */
public final class ConsoleTally {

  /** Requests for a host that is not served here (421). */
  static final String HOST = "host";

  /** Requests that found no place (503). */
  public static final String BUSY = "busy";

  /** Requests whose peer sent or took too slowly; their connections were closed. */
  static final String SLOW = "slow";

  /** Requests that one of our own faults ended (500). */
  static final String FAULT = "fault";

  /** Requests above a limit (413, 414). */
  public static final String TOO_LARGE = "too_large";

  /** Requests that could not be read (400). */
  public static final String UNREADABLE = "unreadable";

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  /**
   * Counts.
   *
   * @param what a constant, never text of a peer's: each is kept
   */
  public void add(String what, long number) {
    counts.computeIfAbsent(what, unseen -> new LongAdder()).add(number);
  }

  /** Counts so far by kind, without those that are zero; a copy. */
  public Map<String, Long> counts() {
    Map<String, Long> copy = new TreeMap<>();
    counts.forEach(
        (what, count) -> {
          if (count.sum() > 0) {
            copy.put(what, count.sum());
          }
        });
    return copy;
  }
}
