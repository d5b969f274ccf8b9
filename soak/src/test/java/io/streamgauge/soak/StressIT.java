package io.streamgauge.soak;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * grpc-java's StressTestClient with the agent on both sides and collectors that are of no use: no
 * assertion of its own fails (its exit code does not say so), and neither heap grows.
 */
@Tag("leak")
@Gate("R7")
class StressIT {

  private static final int MAX_READINGS = 20;

  private static final String CASES =
      "empty_unary:20,client_streaming:10,server_streaming:10,ping_pong:20,empty_stream:10,"
          + "cancel_after_begin:10,timeout_on_sleeping_server:10";

  @TempDir Path folder;

  private TestJvm jvm(BrokenCollector collector) throws IOException {
    // Else the server's IPV4 means every address of this machine.
    Path hosts = folder.resolve("hosts");
    Files.writeString(
        hosts, "127.0.0.1 localhost " + InetAddress.getLocalHost().getHostName() + "\n");
    return new TestJvm()
        .options(
            "-Djdk.net.hosts.file=" + hosts,
            "-XX:TieredStopAtLevel=4",
            "-Xmx192m",
            "-javaagent:" + System.getProperty("agent.jar"),
            "-Dstreamgauge.profile=lean",
            "-Dotel.exporter.otlp.protocol=http/protobuf",
            "-Dotel.exporter.otlp.endpoint=" + collector.endpoint(),
            "-Dotel.metric.export.interval=5000",
            "-Dotel.logs.exporter=none");
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Bytes that are alive in that JVM, by the last line of its class histogram. */
  private static long live(Process jvm) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process asking =
        new ProcessBuilder(jcmd.toString(), String.valueOf(jvm.pid()), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    List<String> lines =
        new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .strip()
            .lines()
            .toList();
    assertThat(asking.waitFor()).as(lines.toString()).isZero();
    String[] total = lines.get(lines.size() - 1).trim().split("\\s+");
    assertThat(total[0]).isEqualTo("Total");
    return Long.parseLong(total[2]);
  }

  /**
   * Bytes alive in each once they change by little from one reading to the next: on a busy machine
   * classes load and queues fill for minutes.
   */
  private static long[] settled(Process client, Process... jvms) throws Exception {
    long[] bytes = new long[jvms.length];
    for (int readings = 0; readings < MAX_READINGS; readings++) {
      assertThat(client.waitFor(SoakHeap.SECONDS / 6, TimeUnit.SECONDS)).isFalse();
      long most = 0;
      for (int i = 0; i < jvms.length; i++) {
        long now = live(jvms[i]);
        most = Math.max(most, Math.abs(now - bytes[i]));
        bytes[i] = now;
      }
      if (most < 1 << 20) {
        return bytes;
      }
    }
    throw new AssertionError("the heaps still change by more than 1 MiB in " + MAX_READINGS);
  }

  @Test
  void anHourGlassOfCallsUnderTheAgent() throws Exception {
    int port = TestJvm.freePort();
    List<Process> started = new ArrayList<>();
    try (BrokenCollector down = BrokenCollector.down();
        BrokenCollector slow = BrokenCollector.slow()) {
      Path serverLog = folder.resolve("server.log");
      Process server =
          jvm(down)
              .start(
                  serverLog,
                  "io.grpc.testing.integration.TestServiceServer",
                  "--port=" + port,
                  "--use_tls=false",
                  "--address_type=IPV4");
      started.add(server);
      await(server, serverLog).until(() -> listens(port));
      Path clientLog = folder.resolve("client.log");
      Process client =
          jvm(slow)
              .start(
                  clientLog,
                  "io.grpc.testing.integration.StressTestClient",
                  "--server_addresses=127.0.0.1:" + port,
                  "--use_tls=false",
                  "--test_cases=" + CASES,
                  "--test_duration_secs=-1",
                  "--num_channels_per_server=2",
                  "--num_stubs_per_channel=3",
                  "--metrics_port=" + TestJvm.freePort());
      started.add(client);
      long[] before = settled(client, server, client);
      assertThat(client.waitFor(SoakHeap.SECONDS / 2, TimeUnit.SECONDS)).isFalse();
      long serverGrown = live(server) - before[0];
      long clientGrown = live(client) - before[1];

      System.out.printf("stress: server heap=%+d client heap=%+d%n", serverGrown, clientGrown);
      String said = Files.readString(clientLog) + Files.readString(serverLog);
      assertThat(said).contains("Streamgauge is attached");
      assertThat(said).doesNotContain("AssertionError").doesNotContain("OutOfMemoryError");
      assertThat(serverGrown).as("server, bytes").isLessThan(4 << 20);
      assertThat(clientGrown).as("client, bytes").isLessThan(4 << 20);
    } finally {
      for (Process process : started) {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
