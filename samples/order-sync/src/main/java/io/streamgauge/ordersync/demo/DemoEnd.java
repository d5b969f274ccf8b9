package io.streamgauge.ordersync.demo;

import io.streamgauge.ordersync.check.HistoryChecker;
import io.streamgauge.ordersync.rig.ChildProcess;
import io.streamgauge.ordersync.rig.Pages;
import io.streamgauge.ordersync.rig.Scrape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of a run: stops the processes in order, compares what they say and sums up. */
final class DemoEnd {

  private static final int DRAIN_SECONDS = Demo.DRAIN_SECONDS;

  private final DemoPorts ports;
  private final Function<String, ChildProcess> processes;

  /** Null while the gray instance runs, else the tags it had missed when it was stopped. */
  private final Long lostByGray;

  DemoEnd(DemoPorts ports, Function<String, ChildProcess> processes, Long lostByGray) {
    this.ports = ports;
    this.lostByGray = lostByGray;
    this.processes = processes;
  }

  private ChildProcess process(String name) {
    return processes.apply(name);
  }

  /** 0 only if nothing was lost or doubled and spans arrived. */
  int check(Path database, Path journals, double ran) throws IOException, InterruptedException {
    System.out.println("demo: stopping the clients, waiting for their last answers");
    DemoStalls stalls = DemoStalls.of(ports);
    long lost = DemoGray.lost(ports.clientConsole());
    boolean drained = process("client").stop(DRAIN_SECONDS) == 0;
    String totals = process("client").summary();
    Scrape server = Scrape.of(ports.serverConsole());
    long received =
        (long) server.sum("grpc_server_msg_received_total", "grpc_method=\"SyncOrderStatus\"");
    long notices = (long) server.sum("grpc_client_started_total", "grpc_method=\"Notify\"");
    long sent = number(totals, "sent");
    System.out.println(
        "demo: clients sent "
            + sent
            + ", server received "
            + (received - number(totals, "pings"))
            + ", fulfilment was told of "
            + notices
            + " shipments");
    System.out.println(
        "demo: traced "
            + number(totals, "traced_orders")
            + " orders, "
            + number(totals, "traced_updates")
            + " updates, "
            + number(totals, "traced_shipments")
            + " shipments");
    System.out.println("demo: " + DemoGray.purity(server));
    lost += DemoGray.lost(ports.serverConsole(), ports.stableConsole());
    lost += lostByGray == null ? DemoGray.lost(ports.grayConsole()) : lostByGray;
    for (String each : List.of("server", "fulfilment-stable", "fulfilment-gray")) {
      process(each).stop(DRAIN_SECONDS);
    }
    DemoGray gray = gray(totals, lost);
    String stats = Pages.get(ports.viewer(), "/api/stats");
    HistoryChecker.Result result = HistoryChecker.check(journals, database.toString());
    long spans = number(stats, "spans");
    System.out.printf(
        "demo: streams=%d acked=%d lost=%d duplicated=%d msg_per_s=%.0f spans=%d traces=%d"
            + " stalled=%d cause=%s %s%n",
        number(totals, "streams"),
        result.acked(),
        result.lost(),
        result.duplicated(),
        result.acked() / ran,
        spans,
        number(stats, "traces"),
        stalls.count(),
        stalls.causes(),
        gray);
    boolean counted = received == sent + number(totals, "pings") && number(totals, "refused") == 0;
    if (result.clean() && drained && counted && gray.isWhole() && spans > 0) {
      return 0;
    }
    complain(result, drained, counted, gray, spans);
    return 1;
  }

  private void complain(
      HistoryChecker.Result result, boolean drained, boolean counted, DemoGray gray, long spans) {
    System.out.println(
        "demo: not as it should be:"
            + (result.clean() ? "" : " journals and database differ (" + result + ");")
            + (drained ? "" : " the clients did not get all answers;")
            + (counted ? "" : " the server counted other messages than the clients;")
            + (gray.isWhole() ? "" : " a gray order lost its tag, or a notice its way;")
            + (spans > 0 ? "" : " no spans arrived;"));
    for (String each : List.of("client", "server", "fulfilment-stable", "fulfilment-gray")) {
      System.out.println("demo: " + process(each).summary());
    }
  }

  private DemoGray gray(String totals, long lost) throws IOException {
    String server = process("server").summary();
    return new DemoGray(
        number(totals, "gray"),
        number(server, "gray_applied"),
        number(server, "gray_shipped"),
        number(process("fulfilment-stable").summary(), "gray")
            + number(process("fulfilment-gray").summary(), "gray"),
        lost);
  }

  /** The number after a name, as in {@code name=1} or {@code "name":1}. */
  private static long number(String text, String name) throws IOException {
    Matcher matcher = Pattern.compile("\\b" + name + "\"?[=:](\\d+)").matcher(text);
    if (!matcher.find()) {
      throw new IOException("no '" + name + "' in: " + text);
    }
    return Long.parseLong(matcher.group(1));
  }
}
