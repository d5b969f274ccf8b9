package io.streamgauge.console.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Looks at all requests in work again and again, and cuts those whose peer is too slow. */
final class ConsoleWatch {

  private static final long LONGEST_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Map<Thread, ConsoleWork> working = new ConcurrentHashMap<>();
  private final long patienceNanos;
  private final ConsoleTally tally;
  private final Thread thread = new Thread(this::run, "streamgauge-console-watch");

  ConsoleWatch(long patienceNanos, ConsoleTally tally) {
    this.patienceNanos = patienceNanos;
    this.tally = tally;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void stop() {
    thread.interrupt();
  }

  /** The calling thread begins to read a request. */
  ConsoleWork begin() {
    ConsoleWork work = new ConsoleWork(patienceNanos);
    working.put(work.thread(), work);
    return work;
  }

  /** What the calling thread works on. */
  ConsoleWork current() {
    return working.get(Thread.currentThread());
  }

  void end(ConsoleWork work) {
    working.remove(work.thread());
    work.goesOn();
  }

  private void run() {
    long period = Math.min(LONGEST_PERIOD_NANOS, Math.max(1, patienceNanos / 4));
    try {
      while (!Thread.currentThread().isInterrupted()) {
        TimeUnit.NANOSECONDS.sleep(period);
        long now = System.nanoTime();
        for (ConsoleWork work : working.values()) {
          if (work.cutIfTooLong(now)) {
            tally.add(ConsoleTally.SLOW, 1);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
