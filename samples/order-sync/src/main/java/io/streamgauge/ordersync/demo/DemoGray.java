package io.streamgauge.ordersync.demo;

import io.streamgauge.ordersync.rig.Scrape;
import java.util.Locale;

/**
 * The gray orders of a run, counted where each number arises: updates sent and applied, shipments
 * told and heard of, and tags that a hop missed.
 */
record DemoGray(long client, long server, long shipped, long fulfilment, long lost) {

  private static final String LOST = "grpc_gray_lost_total";

  /** Tags lost, by the processes' own count; ask while they run. */
  static long lost(int... consoles) throws java.io.IOException, InterruptedException {
    double lost = 0;
    for (int console : consoles) {
      lost += Scrape.patiently(console).sum(LOST);
    }
    return (long) lost;
  }

  /** How the server's gray notices were routed, by its own count. */
  static String purity(Scrape server) {
    double match = attempts(server, "match");
    double fallback =
        attempts(server, "fallback_no_endpoint")
            + attempts(server, "fallback_unhealthy")
            + attempts(server, "fallback_slow_connect");
    return String.format(
        Locale.ROOT,
        "gray notices on their lane %.0f, fallen back %.0f, purity %.3f",
        match,
        fallback,
        match + fallback == 0 ? 1 : match / (match + fallback));
  }

  private static double attempts(Scrape server, String outcome) {
    return server.sum("grpc_gray_attempts_total", "outcome=\"" + outcome + "\"");
  }

  boolean isWhole() {
    return client == server && shipped == fulfilment && lost == 0;
  }

  @Override
  public String toString() {
    return "gray_client="
        + client
        + " gray_server="
        + server
        + " gray_shipped="
        + shipped
        + " gray_fulfilment="
        + fulfilment
        + " gray_lost="
        + lost;
  }
}
