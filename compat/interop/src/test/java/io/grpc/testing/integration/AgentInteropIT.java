package io.grpc.testing.integration;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import io.streamgauge.testkit.fixture.TestSeries;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** grpc-java's own programs and suite, unmodified, with the one jar attached. */
class AgentInteropIT {

  @TempDir Path folder;

  private TestJvm jvm(boolean agent, int prometheus) throws IOException {
    // Else the server's IPV4 means every address of this machine.
    Path hosts = folder.resolve("hosts");
    Files.writeString(
        hosts, "127.0.0.1 localhost " + InetAddress.getLocalHost().getHostName() + "\n");
    TestJvm jvm = new TestJvm().options("-Djdk.net.hosts.file=" + hosts);
    return agent
        ? jvm.options(
            "-javaagent:" + System.getProperty("agent.jar"),
            "-Dstreamgauge.profile=lean",
            "-Dotel.metrics.exporter=prometheus",
            "-Dotel.exporter.prometheus.host=127.0.0.1",
            "-Dotel.exporter.prometheus.port=" + prometheus,
            "-Dotel.logs.exporter=none",
            "-Dotel.traces.exporter=none")
        : jvm;
  }

  private List<String> passed(boolean agent) throws Exception {
    int port = TestJvm.freePort();
    int prometheus = TestJvm.freePort();
    Path log = folder.resolve("server.log");
    Process server =
        jvm(agent, prometheus)
            .start(
                log,
                TestServiceServer.class.getName(),
                "--port=" + port,
                "--use_tls=false",
                "--address_type=IPV4");
    try {
      await(server, log).until(() -> listens(port));
      TestJvm.Outcome outcome =
          jvm(agent, TestJvm.freePort()).run(InteropCases.class.getName(), "" + port);
      assertThat(outcome.code()).as(outcome.output()).isZero();
      assertThat(outcome.lines("Streamgauge is attached")).hasSize(agent ? 1 : 0);
      if (agent) {
        assertThat(Files.readString(log)).contains("Streamgauge is attached");
        await().untilAsserted(() -> assertEverythingEnded(prometheus));
      }
      return outcome.lines("interop passed ");
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private static void assertEverythingEnded(int prometheus) throws Exception {
    TestSeries series =
        TestSeries.parse(
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + prometheus + "/metrics"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
    double started = series.sum("grpc_server_started_total");
    assertThat(started).isGreaterThan(100);
    assertThat(series.sum("grpc_server_handled_total")).isEqualTo(started);
    assertThat(series.sum("grpc_stream_active")).isZero();
    assertThat(series.sum("grpc_stream_buffer_depth")).isZero();
    assertThat(series.sum("grpc_stream_buffer_bytes")).isZero();
    assertThat(series.sum("streamgauge_faults_total")).isZero();
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theSameCasesPassWithTheAgentOnBothSidesAsWithout() throws Exception {
    List<String> without = passed(false);
    List<String> with = passed(true);

    assertThat(without).singleElement().asString().startsWith("interop passed 24 ");
    assertThat(with).isEqualTo(without);
  }

  @Test
  void theInteropSuitePassesUnderTheAgent() throws Exception {
    TestJvm.Outcome outcome =
        jvm(true, TestJvm.freePort())
            .run("org.junit.runner.JUnitCore", PlainInterop.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("OK (35 tests)")).as(outcome.output()).hasSize(1);
    assertThat(outcome.lines("Streamgauge is attached")).hasSize(1);
  }
}
