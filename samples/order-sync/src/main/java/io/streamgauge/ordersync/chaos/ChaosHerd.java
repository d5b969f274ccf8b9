package io.streamgauge.ordersync.chaos;

import io.streamgauge.ordersync.check.HistoryChecker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Many clients and a server that is away for a while: they must not all come back at once. */
final class ChaosHerd {

  static final String NAME = "herd";

  private static final int BUCKET_MILLIS = 1_000;
  private static final double LARGEST_SHARE = 0.25;
  private static final long ALL_BACK_SECONDS = 60;

  private ChaosHerd() {}

  static Chaos.Row run(boolean full, Consumer<String> progress)
      throws IOException, InterruptedException {
    int clients = full ? 200 : 100;
    long away = full ? 20 : 10;
    long begun = System.nanoTime();
    try (ChaosRig rig = new ChaosRig()) {
      rig.startServer();
      rig.awaitReady();
      rig.startClient(List.of("--streams=" + clients, "--rate=" + 5 * clients, "--rotate=0"));
      rig.await("all streams", () -> rig.streams().size() == clients);
      rig.killServer();
      TimeUnit.SECONDS.sleep(away); // the length of the outage
      rig.startServer();
      rig.awaitReady();
      List<Long> back = comeBack(rig, clients);
      double share = largestBucket(back) / (double) clients;
      progress.accept(
          String.format(
              Locale.ROOT,
              "%s: %d clients, away for %d s, all back after %.1f s, at most %.1f %% in a second",
              NAME,
              clients,
              away,
              back.isEmpty() ? 0 : back.get(back.size() - 1) / 1e3,
              100 * share));
      if (share > LARGEST_SHARE) {
        rig.complain("too many at once: " + share);
      }
      HistoryChecker.Result result = rig.finish(false);
      rig.complaints().forEach(each -> progress.accept(NAME + ": " + each));
      return new Chaos.Row(
          NAME,
          1,
          result.acked(),
          Math.max(result.violations(), rig.complaints().size()),
          List.of(),
          (System.nanoTime() - begun) / 1e9);
    }
  }

  /** When each client's stream was there again, in milliseconds since the server was ready. */
  private static List<Long> comeBack(ChaosRig rig, int clients) throws InterruptedException {
    List<Long> back = new ArrayList<>();
    long ready = System.nanoTime();
    long millis = 0;
    while (back.size() < clients && millis < TimeUnit.SECONDS.toMillis(ALL_BACK_SECONDS)) {
      int open = rig.streams().size();
      millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - ready);
      while (back.size() < open) {
        back.add(millis);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    if (back.size() < clients) {
      rig.complain(clients - back.size() + " clients were not back after a minute");
    }
    return back;
  }

  /** Most that fall in any second. */
  private static long largestBucket(List<Long> times) {
    long largest = 0;
    for (long from : times) {
      largest =
          Math.max(
              largest,
              times.stream().filter(at -> at >= from && at < from + BUCKET_MILLIS).count());
    }
    return largest;
  }
}
