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

  /** Looks are 20 ms apart where there is processor time. */
  private static final int STARVED_MILLIS = 250;

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
      Returns returns = comeBack(rig, clients);
      List<Long> back = returns.millis();
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
        // On a machine that gives no time to this process, timers of the clients fire in bunches
        // too.
        rig.findings()
            .add(
                returns.longestGap() > STARVED_MILLIS
                    ? ChaosFindings.Kind.LATE
                    : ChaosFindings.Kind.VIOLATION,
                "too many at once: " + share);
      }
      HistoryChecker.Result result = rig.finish(false);
      return Chaos.row(NAME, 1, result, result.acked(), rig, begun, progress);
    }
  }

  /**
   * How the clients came back.
   *
   * @param millis when each client's stream was there again, since the server was ready
   * @param longestGap between two looks, in milliseconds
   */
  private record Returns(List<Long> millis, long longestGap) {}

  private static Returns comeBack(ChaosRig rig, int clients) throws InterruptedException {
    List<Long> back = new ArrayList<>();
    long ready = System.nanoTime();
    long[] looks = new long[2]; // the last one, and the longest gap
    rig.await(
        "all clients back",
        () -> {
          int open = rig.streams().size();
          long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - ready);
          looks[1] = Math.max(looks[1], millis - looks[0]);
          looks[0] = millis;
          while (back.size() < open) {
            back.add(millis);
          }
          return back.size() >= clients;
        });
    return new Returns(back, looks[1]);
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
