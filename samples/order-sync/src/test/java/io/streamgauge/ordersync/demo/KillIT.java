package io.streamgauge.ordersync.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.streamgauge.ordersync.check.HistoryChecker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed without warning: nothing that was acknowledged is lost or doubled. */
class KillIT {

  private static final int ROUNDS = 3;

  @TempDir Path directory;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endWhatIsLeft() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process run(String name, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-jar",
                System.getProperty("order-sync.jar")));
    command.addAll(List.of(arguments));
    Path log = directory.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private Process server(int port, int fulfilment) throws IOException {
    return run(
        "server",
        "server",
        "--port=" + port,
        "--database=" + directory.resolve("orders.db"),
        "--fulfilment=" + fulfilment,
        "--fulfilment-gray=" + fulfilment);
  }

  private Process client(int port) throws IOException {
    return run(
        "client",
        "client",
        "--port=" + port,
        "--clients=shop",
        "--streams=4",
        "--rate=500",
        "--journals=" + directory.resolve("journals"),
        "--console-port=" + freePort(),
        "--exit-with-parent");
  }

  private long acked() {
    try {
      return Files.exists(directory.resolve("orders.db"))
              && Files.exists(directory.resolve("journals"))
          ? HistoryChecker.check(
                  directory.resolve("journals"), directory.resolve("orders.db").toString())
              .acked()
          : 0;
    } catch (IOException e) {
      return 0; // in the middle of being made
    }
  }

  private void awaitProgress() {
    long before = acked();
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> acked() > before + 200);
  }

  @Test
  void serverAndClientMayDieAtAnyTime() throws Exception {
    int port = freePort();
    int fulfilmentPort = freePort();
    run("fulfilment", "fulfilment", "--port=" + fulfilmentPort);
    Process server = server(port, fulfilmentPort);
    Process client = client(port);
    for (int round = 0; round < ROUNDS; round++) {
      awaitProgress();
      server.destroyForcibly().waitFor();
      server = server(port, fulfilmentPort);
      awaitProgress();
      client.destroyForcibly().waitFor();
      client = client(port);
      awaitProgress();
      server.destroyForcibly().waitFor();
      client.destroyForcibly().waitFor();
      server = server(port, fulfilmentPort);
      client = client(port);
    }
    awaitProgress();
    client.getOutputStream().close(); // asks it to stop in an orderly way
    assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String log = Files.readString(directory.resolve("client.log"));
    assertThat(client.exitValue()).as(log).isZero();
    assertThat(log).contains("unacked=0");

    HistoryChecker.Result result =
        HistoryChecker.check(
            directory.resolve("journals"), directory.resolve("orders.db").toString());
    assertThat(result.violations()).as(result.toString()).isZero();
    assertThat(result.acked()).isGreaterThan(200L * 3 * ROUNDS);
  }
}
