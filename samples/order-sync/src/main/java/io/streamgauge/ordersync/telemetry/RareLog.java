package io.streamgauge.ordersync.telemetry;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Warnings that may come thousands at a time. The first of a kind is logged at once; those of the
 * next minute are counted, and the minute ends with one line that tells how many they were. Any
 * thread.
 */
public final class RareLog implements AutoCloseable {

  private static final long PERIOD_SECONDS = 60;

  /** What a caller sent may be part of a text. */
  private static final int MAX_TEXT = 200;

  private static final System.Logger logger = System.getLogger("ordersync");

  private static final class Kind {
    private boolean counting;
    private long more;
    private String last = "";
  }

  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();
  private final Executor afterPeriod;

  public RareLog() {
    this(CompletableFuture.delayedExecutor(PERIOD_SECONDS, TimeUnit.SECONDS));
  }

  /** With an executor that runs each task when a period is over. */
  RareLog(Executor afterPeriod) {
    this.afterPeriod = afterPeriod;
  }

  /**
   * Logs or counts a warning.
   *
   * @param kind one of a few constants, which begins the line
   * @param text what was the matter; control characters are replaced, and what is long is cut
   */
  public void warn(String kind, String text) {
    Kind state = kinds.computeIfAbsent(kind, key -> new Kind());
    synchronized (state) {
      state.last = printable(text);
      if (state.counting) {
        state.more++;
        return;
      }
      state.counting = true;
    }
    print(kind + ": " + state.last);
    afterPeriod.execute(() -> periodIsOver(kind, state));
  }

  private void periodIsOver(String kind, Kind state) {
    if (tell(kind, state)) {
      afterPeriod.execute(() -> periodIsOver(kind, state));
    }
  }

  /**
   * Logs what was counted; false if that is nothing, after which the next one is logged at once.
   */
  private boolean tell(String kind, Kind state) {
    long more;
    String last;
    synchronized (state) {
      more = state.more;
      last = state.last;
      state.more = 0;
      state.counting = more > 0;
    }
    if (more > 0) {
      print(kind + ": " + more + " more, the last: " + last);
    }
    return more > 0;
  }

  private static void print(String line) {
    logger.log(System.Logger.Level.WARNING, line);
  }

  private static String printable(String text) {
    String line = String.valueOf(text).replaceAll("\\p{Cntrl}", "?");
    return line.length() <= MAX_TEXT ? line : line.substring(0, MAX_TEXT) + "…";
  }

  /** Logs what was counted so far. */
  @Override
  public void close() {
    kinds.forEach(this::tell);
  }
}
