package io.streamgauge.ordersync.chaos;

import static io.streamgauge.ordersync.chaos.ChaosFindings.Kind.UNFINISHED;
import static io.streamgauge.ordersync.chaos.ChaosFindings.Kind.VIOLATION;

import io.streamgauge.ordersync.check.HistoryChecker;
import io.streamgauge.ordersync.load.LoadDriver;
import io.streamgauge.ordersync.load.LoadResult;
import io.streamgauge.ordersync.load.LoadSettings;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One consumer that reads ten acks a second beside ten thousand messages a second: no queue grows
 * beyond its mark and the server's heap does not grow.
 */
final class ChaosSlow {

  static final String NAME = "slow consumer";

  private static final int HIGH = 5_000;
  private static final int ACKS = 10;
  private static final int RATE = 10_000;
  private static final int STREAMS = 32;
  private static final double HEAP_MB = 64;

  private ChaosSlow() {}

  static Chaos.Row run(boolean full, Consumer<String> progress)
      throws IOException, InterruptedException {
    int seconds = full ? 600 : 15;
    int warmUp = full ? 30 : 8;
    long begun = System.nanoTime();
    try (ChaosRig rig = new ChaosRig()) {
      rig.startServer();
      rig.awaitReady();
      Watch watch = new Watch(rig, warmUp);
      Thread thread = new Thread(watch, "chaos-watch");
      thread.start();
      LoadResult result;
      try (LoadDriver driver =
          new LoadDriver(
              Attachment.FROM_OUTSIDE,
              new LoadSettings(rig.serverPort(), STREAMS, RATE, warmUp, seconds, 1, 0.25, ACKS))) {
        result = driver.run(line -> progress.accept(NAME + ": " + line));
      }
      watch.done.set(true);
      thread.join();
      double after = rig.heapAfterCollection();
      double growth = after - watch.heap;
      progress.accept(
          String.format(
              Locale.ROOT,
              "%s: %.0f msg/s, largest backlog %.0f, heap after GC grew by %.1f MB",
              NAME,
              result.perSecond(),
              watch.depth,
              growth));
      ChaosFindings findings = rig.findings();
      if (watch.depth > HIGH) {
        findings.add(VIOLATION, "the backlog held " + watch.depth);
      }
      if (after == 0 || watch.heap == 0) {
        findings.add(UNFINISHED, "the heap was not measured before and after");
      } else if (growth > HEAP_MB) {
        findings.add(VIOLATION, "the heap grew from " + watch.heap + " to " + after + " MB");
      }
      if (watch.depth == 0) {
        findings.add(UNFINISHED, "the backlog was never seen");
      }
      HistoryChecker.Result stored = rig.finishWithoutJournals();
      if (result.broken() > 0) {
        findings.add(VIOLATION, result.broken() + " streams broke");
      }
      return Chaos.row(NAME, 1, stored, result.acked(), rig, begun, progress);
    }
  }

  /** Looks once a second. */
  private static final class Watch implements Runnable {
    private final ChaosRig rig;
    private final long settled;
    private final AtomicBoolean done = new AtomicBoolean();
    private volatile double depth;
    private volatile double heap;

    Watch(ChaosRig rig, int warmUp) {
      this.rig = rig;
      this.settled = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUp);
    }

    @Override
    public void run() {
      try {
        while (!done.get()) {
          look();
          if (heap == 0 && System.nanoTime() > settled) {
            heap = rig.heapAfterCollection();
          }
          TimeUnit.SECONDS.sleep(1);
        }
      } catch (IOException e) {
        rig.findings().add(UNFINISHED, "the heap cannot be read: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void look() throws InterruptedException {
      try {
        depth = Math.max(depth, rig.server("ordersync_backlog_depth"));
      } catch (IOException e) {
        // Too busy to answer now.
      }
    }
  }
}
