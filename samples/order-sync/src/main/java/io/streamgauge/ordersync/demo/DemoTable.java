package io.streamgauge.ordersync.demo;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.streamgauge.ordersync.rig.Pages;
import io.streamgauge.ordersync.rig.Scrape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The live table, once a second: the streams that look worst and a line for all, read from the
 * processes' own /api/streams and /metrics. The two ends of a stream are joined by their trace.
 */
final class DemoTable {

  private static final int WORST = 4;
  private static final String METHOD = "grpc_method=\"SyncOrderStatus\"";
  private static final String HEADER =
      "  sec  stream      msg/s in  msg/s out  depth  un-acked  idle s  why";

  /** One stream, seen from both ends. */
  private record Row(
      String stream, double in, double out, long depth, long unacked, double idle, String cause) {}

  private final DemoPorts ports;
  private Map<String, long[]> before = new HashMap<>();
  private double totalIn;
  private double totalOut;
  private long lastNanos;

  DemoTable(DemoPorts ports) {
    this.ports = ports;
  }

  /** Prints the next second; a process that does not answer costs that second, nothing more. */
  void print(int second) throws InterruptedException {
    try {
      rows(second);
    } catch (IOException | IllegalStateException e) {
      System.out.println("    (no numbers this second: " + e.getMessage() + ")");
    }
  }

  private void rows(int second) throws IOException, InterruptedException {
    long now = System.nanoTime();
    double elapsed = lastNanos == 0 ? 1 : (now - lastNanos) / 1e9;
    lastNanos = now;
    Map<String, JsonObject> clients = streams(ports.clientConsole());
    Map<String, JsonObject> servers = streams(ports.serverStreams());
    Map<String, long[]> after = new HashMap<>();
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, JsonObject> entry : clients.entrySet()) {
      JsonObject server = servers.get(entry.getKey());
      if (server != null) {
        rows.add(row(entry.getKey(), entry.getValue(), server, elapsed, after));
      }
    }
    before = after;
    rows.sort(
        Comparator.comparing((Row row) -> row.cause().isEmpty())
            .thenComparing(Comparator.comparingDouble(Row::idle).reversed())
            .thenComparing(Comparator.comparingLong(Row::unacked).reversed()));
    System.out.println(HEADER);
    for (Row row : rows.subList(0, Math.min(WORST, rows.size()))) {
      print(second, row);
    }
    print(second, total(rows, elapsed));
  }

  private Row row(
      String trace,
      JsonObject client,
      JsonObject server,
      double elapsed,
      Map<String, long[]> after) {
    long in = server.get("msg_received").getAsLong();
    long out = server.get("msg_sent").getAsLong();
    long[] was = before.getOrDefault(trace, new long[] {0, 0});
    after.put(trace, new long[] {in, out});
    return new Row(
        trace.substring(0, 10),
        (in - was[0]) / elapsed,
        (out - was[1]) / elapsed,
        depth(client) + depth(server),
        client.get("msg_sent").getAsLong() - client.get("msg_received").getAsLong(),
        Math.min(idle(client), idle(server)),
        cause(client).isEmpty() ? cause(server) : cause(client));
  }

  private Row total(List<Row> rows, double elapsed) throws IOException, InterruptedException {
    Scrape server = Scrape.of(ports.serverConsole());
    Scrape client = Scrape.of(ports.clientConsole());
    double in = server.sum("grpc_server_msg_received_total", METHOD);
    double out = server.sum("grpc_server_msg_sent_total", METHOD);
    double stalled =
        server.sum("grpc_stream_stalled", METHOD) + client.sum("grpc_stream_stalled", METHOD);
    Row all =
        new Row(
            "all " + rows.size(),
            (in - totalIn) / elapsed,
            (out - totalOut) / elapsed,
            rows.stream().mapToLong(Row::depth).sum(),
            (long) client.sum("ordersync_client_unacked"),
            0,
            stalled > 0 ? (long) stalled + " stalled" : "");
    totalIn = in;
    totalOut = out;
    return all;
  }

  private static void print(int second, Row row) {
    System.out.println(
        String.format(
            Locale.ROOT,
            "%5d  %-10s  %8.0f  %9.0f  %5d  %8d  %6.0f  %s",
            second,
            row.stream(),
            row.in(),
            row.out(),
            row.depth(),
            row.unacked(),
            row.idle(),
            row.cause()));
  }

  private static Map<String, JsonObject> streams(int port)
      throws IOException, InterruptedException {
    Map<String, JsonObject> streams = new HashMap<>();
    JsonObject answer = JsonParser.parseString(Pages.get(port, "/api/streams")).getAsJsonObject();
    for (JsonElement element : answer.getAsJsonArray("streams")) {
      JsonObject stream = element.getAsJsonObject();
      if (stream.has("trace_id") && stream.get("grpc_type").getAsString().equals("bidi_stream")) {
        streams.put(stream.get("trace_id").getAsString(), stream);
      }
    }
    return streams;
  }

  private static long depth(JsonObject stream) {
    long depth = 0;
    for (Map.Entry<String, JsonElement> stage : stream.getAsJsonObject("depth").entrySet()) {
      depth += stage.getValue().getAsLong();
    }
    return depth;
  }

  private static double idle(JsonObject stream) {
    return stream.get("idle_seconds").getAsDouble();
  }

  private static String cause(JsonObject stream) {
    return stream.has("cause") ? stream.get("cause").getAsString() : "";
  }
}
