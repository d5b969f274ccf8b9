package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.client.OrderSyncClient;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a process full of clients. */
@Command(
    name = "client",
    mixinStandardHelpOptions = true,
    description = "Sends order updates on many streams until stopped, then waits for all answers.")
final class ClientCommand implements Callable<Integer> {

  @Mixin private ProcessOptions process;

  @Option(names = "--port", description = "gRPC port of the server (default: ${DEFAULT-VALUE}).")
  private int port = 9480;

  @Option(names = "--streams", description = "Clients, one stream each (${DEFAULT-VALUE}).")
  private int streams = 32;

  @Option(names = "--rate", description = "Updates per second, all together (${DEFAULT-VALUE}).")
  private double rate = 3_000;

  @Option(
      names = "--gray-share",
      description = "Share of the orders that are gray, 0 to 1 (${DEFAULT-VALUE}).")
  private double grayShare = 0.25;

  @Option(
      names = "--slow-consumer",
      description = "The first stream stops reading acks for a while.")
  private boolean slowConsumer;

  @Option(
      names = "--slow-after",
      description = "… this many seconds after its first ack (${DEFAULT-VALUE}).")
  private int slowAfter = 5;

  @Option(names = "--slow-for", description = "… for this many seconds (${DEFAULT-VALUE}).")
  private int slowFor = 8;

  @Option(
      names = "--rotate",
      description =
          "Every second stream ends in an orderly way after about this many seconds and is resumed"
              + " by a new one; 0 for never (${DEFAULT-VALUE}).")
  private int rotate = 4;

  @Option(
      names = "--clients",
      paramLabel = "NAME",
      description =
          "What the clients' names begin with; those with a journal go on where they were"
              + " (default: client- and something of its own).")
  private String clients;

  @Option(
      names = "--ping-millis",
      description =
          "Heartbeat when nothing was heard for this long; a stream that gives no sign for three"
              + " more is given up; 0 for never (${DEFAULT-VALUE}).")
  private long ping = 10_000;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Its first line is the bearer token; read anew for each stream.")
  private Path token;

  @Option(names = "--journals", required = true, description = "Directory of the journals.")
  private Path journals;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    validate();
    try (Attachment attachment = process.attach("order-sync-client");
        OrderSyncClient client =
            new OrderSyncClient(
                attachment,
                new OrderSyncClient.Settings(
                    names(),
                    port,
                    streams,
                    rate,
                    grayShare,
                    slowAfter,
                    slowConsumer ? slowFor : 0,
                    rotate,
                    ping,
                    token,
                    journals))) {
      client.start();
      System.out.println("client: " + streams + " streams to 127.0.0.1:" + port);
      process.awaitStop();
      OrderSyncClient.Totals totals = client.drain(new Standstill());
      System.out.println(line(totals));
      return totals.unacked() == 0 && totals.fallen() == 0 && !client.hasFailed() ? 0 : 1;
    } catch (IOException e) {
      throw new CommandFailure("cannot use the journals " + journals + ": " + e.getMessage(), e);
    } finally {
      process.stopped();
    }
  }

  private String line(OrderSyncClient.Totals totals) {
    return "client: streams="
        + totals.streams()
        + " broken="
        + totals.broken()
        + " sent="
        + totals.sent()
        + " pings="
        + totals.pings()
        + " acked="
        + totals.acked()
        + " refused="
        + totals.refused()
        + " again="
        + totals.again()
        + " fallen="
        + totals.fallen()
        + " missed="
        + totals.missed()
        + " unacked="
        + totals.unacked()
        + " gray="
        + totals.gray()
        + " traced_orders="
        + totals.traced().orders()
        + " traced_updates="
        + totals.traced().updates()
        + " traced_shipments="
        + totals.traced().shipments()
        + " toolkit_sent="
        + process.counted("grpc_client_msg_sent_total")
        + " toolkit_received="
        + process.counted("grpc_client_msg_received_total");
  }

  /** Of their own unless given: a process id comes again, and in a container it is always 1. */
  private String names() {
    return clients == null
        ? "client-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime())
        : clients;
  }

  private void validate() throws CommandFailure {
    if (clients != null && !clients.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new CommandFailure(
          "--clients must be 1 to 64 letters, digits, dots, underscores or hyphens, not "
              + clients);
    }
    ProcessOptions.port("--port", port);
    if (ping < 0) {
      throw new CommandFailure("--ping-millis must not be negative, not " + ping);
    }
    ProcessOptions.tokenFile(token);
    if (rotate < 0 || slowAfter < 0 || slowFor < 0) {
      throw new CommandFailure("--rotate, --slow-after and --slow-for must not be negative");
    }
    if (streams < 1) {
      throw new CommandFailure("--streams must be at least 1, not " + streams);
    }
    if (!(rate > 0)) {
      throw new CommandFailure("--rate must be above 0, not " + rate);
    }
    if (!(grayShare >= 0 && grayShare <= 1)) {
      throw new CommandFailure("--gray-share must be between 0 and 1, not " + grayShare);
    }
  }
}
