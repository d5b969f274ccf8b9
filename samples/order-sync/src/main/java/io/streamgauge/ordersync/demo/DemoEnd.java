package io.streamgauge.ordersync.demo;

import io.streamgauge.ordersync.check.HistoryChecker;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.rig.ChildProcess;
import io.streamgauge.ordersync.rig.Pages;
import io.streamgauge.ordersync.rig.Scrape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of a run: stops the processes in order, compares what they say and sums up. */
final class DemoEnd {

  /** Messages that a stream of a client has on its way at most, a ping among them. */
  private static final long ON_ITS_WAY = 51;

  private final DemoPorts ports;
  private final Function<String, ChildProcess> processes;

  /** Null while the gray instance runs, else the tags it had missed when it was stopped. */
  private final Long lostByGray;

  private final DemoPause pause;

  /** Whether notices are to wait for the limit of a connection. */
  private final boolean limited;

  DemoEnd(
      DemoPorts ports,
      Function<String, ChildProcess> processes,
      Long lostByGray,
      DemoPause pause,
      boolean limited) {
    this.limited = limited;
    this.pause = pause;
    this.ports = ports;
    this.lostByGray = lostByGray;
    this.processes = processes;
  }

  private ChildProcess process(String name) {
    return processes.apply(name);
  }

  /**
   * 0 only if nothing was lost or doubled, spans arrived, and the stall came if one was promised.
   */
  int check(Path database, Path journals, double ran) throws IOException, InterruptedException {
    System.out.println("demo: stopping the clients, waiting for their last answers");
    DemoStalls stalls = DemoStalls.of(ports);
    long lost = DemoGray.lost(ports.clientConsole());
    if (!stop("client")) {
      return 1;
    }
    boolean drained = process("client").exitCode() == 0;
    String totals = process("client").summary();
    awaitTold(database);
    Scrape server = Scrape.patiently(ports.serverConsole());
    long received =
        (long) server.sum("grpc_server_msg_received_total", "grpc_method=\"SyncOrderStatus\"");
    tell(totals, received, server);
    System.out.println("demo: " + DemoGray.purity(server));
    long waits = (long) server.sum("grpc_stream_limit_wait_seconds_count");
    double waited = server.sum("grpc_stream_limit_wait_seconds_sum");
    lost += DemoGray.lost(ports.serverConsole(), ports.stableConsole());
    lost += lostByGray == null ? DemoGray.lost(ports.grayConsole()) : lostByGray;
    for (String each : List.of("server", "fulfilment-stable", "fulfilment-gray")) {
      if (!stop(each)) {
        return 1;
      }
    }
    DemoGray gray = gray(totals, lost);
    String stats = Pages.getPatiently(ports.viewer(), "/api/stats");
    HistoryChecker.Result result = HistoryChecker.check(journals, database.toString());
    long spans = number(stats, "spans");
    boolean stalled = stallCame(stalls);
    System.out.printf(
        "demo: streams=%d acked=%d lost=%d duplicated=%d msg_per_s=%.0f spans=%d traces=%d"
            + " stalled=%d cause=%s %s%s%n",
        number(totals, "streams"),
        result.acked(),
        result.lost(),
        result.duplicated(),
        result.acked() / ran,
        spans,
        number(stats, "traces"),
        stalls.count(),
        stalls.causes(),
        gray,
        limited ? " limit_waits=%d limit_seconds=%.1f".formatted(waits, waited) : "");
    boolean counted =
        isCounted(
                received,
                number(totals, "sent") + number(totals, "pings"),
                number(totals, "broken"))
            && number(totals, "refused") == 0;
    boolean whole = result.clean() && drained && counted && gray.isWhole() && spans > 0;
    if (!whole) {
      complain(result, drained, counted, gray, spans);
    }
    if (limited && waits == 0) {
      System.out.println("demo: no notice waited for the limit of the fulfilment's connection");
      return 1;
    }
    return whole && stalled ? 0 : 1;
  }

  /**
   * Whether the server counted what the clients sent. A stream that breaks, as on a machine that is
   * too slow for a keepalive, takes with it what was on its way; that is sent again.
   */
  static boolean isCounted(long received, long sent, long broken) {
    return received <= sent && received >= sent - broken * ON_ITS_WAY;
  }

  /** Asks a process to end; says so if it does not. */
  private boolean stop(String name) throws InterruptedException {
    boolean ended = process(name).stop();
    if (!ended) {
      System.out.println("demo: not as it should be: " + name + " did not end when asked to");
    }
    return ended;
  }

  /** Of a shipment that is not told when the server stops, only its next process would tell. */
  private static void awaitTold(Path database) throws IOException, InterruptedException {
    Standstill standstill = new Standstill();
    long untold = HistoryChecker.untold(database.toString());
    while (untold > 0 && !standstill.isReached(untold)) {
      TimeUnit.MILLISECONDS.sleep(200);
      untold = HistoryChecker.untold(database.toString());
    }
  }

  /** What was sent, received, told and traced. */
  private static void tell(String totals, long received, Scrape server) throws IOException {
    System.out.println(
        "demo: clients sent "
            + number(totals, "sent")
            + ", server received "
            + (received - number(totals, "pings"))
            + ", fulfilment was told of "
            + (long) server.sum("grpc_client_started_total", "grpc_method=\"Notify\"")
            + " shipments");
    System.out.println(
        "demo: traced "
            + number(totals, "traced_orders")
            + " orders, "
            + number(totals, "traced_updates")
            + " updates, "
            + number(totals, "traced_shipments")
            + " shipments");
  }

  /** Says so if a stall was promised and none came. */
  private boolean stallCame(DemoStalls stalls) {
    if (stalls.count() > 0 || !pause.isPromised()) {
      return true;
    }
    System.out.println(
        "demo: the promised stall never came: no stream stood still for "
            + ChildProcess.stallAfter()
            + " while a consumer did not read");
    return false;
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
