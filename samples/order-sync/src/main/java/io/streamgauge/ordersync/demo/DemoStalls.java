package io.streamgauge.ordersync.demo;

import io.streamgauge.ordersync.rig.Scrape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How often a stream of the run came to stand still, at either end, and why. */
record DemoStalls(long count, String causes) {

  private static final String METHOD = "grpc_method=\"SyncOrderStatus\"";
  private static final List<String> CAUSES =
      List.of(
          "not_connected",
          "stream_limit",
          "headers_not_sent",
          "handler_busy",
          "peer_not_reading",
          "no_demand");

  /** Those of the run, on which its result depends. */
  static DemoStalls of(DemoPorts ports) throws IOException, InterruptedException {
    return of(Scrape.patiently(ports.clientConsole()), Scrape.patiently(ports.serverConsole()));
  }

  /** Those up to now, if the processes answer soon. */
  static DemoStalls now(DemoPorts ports) throws IOException, InterruptedException {
    return of(Scrape.of(ports.clientConsole()), Scrape.of(ports.serverConsole()));
  }

  private static DemoStalls of(Scrape client, Scrape server) {
    long count = 0;
    List<String> causes = new ArrayList<>();
    for (String cause : CAUSES) {
      String label = "cause=\"" + cause + "\"";
      double stalls =
          client.sum("grpc_stream_stalls_total", METHOD, label)
              + server.sum("grpc_stream_stalls_total", METHOD, label);
      if (stalls > 0) {
        count += (long) stalls;
        causes.add(cause);
      }
    }
    return new DemoStalls(count, causes.isEmpty() ? "none" : String.join(",", causes));
  }
}
