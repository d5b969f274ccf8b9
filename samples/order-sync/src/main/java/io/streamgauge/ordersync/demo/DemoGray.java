package io.streamgauge.ordersync.demo;

import io.streamgauge.ordersync.rig.Scrape;

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
      lost += Scrape.of(console).sum(LOST);
    }
    return (long) lost;
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
