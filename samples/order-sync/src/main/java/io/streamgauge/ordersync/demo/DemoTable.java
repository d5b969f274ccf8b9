package io.streamgauge.ordersync.demo;

import java.io.IOException;
import java.util.Locale;

/** The live table: a row a second, read from the processes' own /metrics. */
final class DemoTable {

  private static final String METHOD = "grpc_method=\"SyncOrderStatus\"";
  private static final int HEADER_EVERY = 20;

  private final DemoPorts ports;
  private double lastIn;
  private double lastOut;
  private long lastNanos;
  private int rows;

  DemoTable(DemoPorts ports) {
    this.ports = ports;
  }

  /** Prints the next row; a process that does not answer costs that row, nothing more. */
  void print(int second) throws InterruptedException {
    try {
      row(second);
    } catch (IOException e) {
      System.out.println("    (no numbers this second: " + e.getMessage() + ")");
    }
  }

  private void row(int second) throws IOException, InterruptedException {
    DemoScrape server = DemoScrape.of(ports.serverConsole());
    DemoScrape client = DemoScrape.of(ports.clientConsole());
    double in = server.sum("grpc_server_msg_received_total", METHOD);
    double out = server.sum("grpc_server_msg_sent_total", METHOD);
    long now = System.nanoTime();
    double elapsed = lastNanos == 0 ? 1 : (now - lastNanos) / 1e9;
    if (rows++ % HEADER_EVERY == 0) {
      System.out.println("  sec  streams  msg/s in  msg/s out  depth  un-acked");
    }
    System.out.println(
        String.format(
            Locale.ROOT,
            "%5d  %7.0f  %8.0f  %9.0f  %5.0f  %8.0f",
            second,
            server.sum("grpc_stream_active", METHOD, "side=\"server\""),
            Math.max(0, in - lastIn) / elapsed,
            Math.max(0, out - lastOut) / elapsed,
            server.sum("grpc_stream_buffer_depth", METHOD)
                + client.sum("grpc_stream_buffer_depth", METHOD),
            client.sum("ordersync_client_unacked")));
    lastIn = in;
    lastOut = out;
    lastNanos = now;
  }
}
