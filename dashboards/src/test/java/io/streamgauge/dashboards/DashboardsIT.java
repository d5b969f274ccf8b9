package io.streamgauge.dashboards;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Prometheus;
import io.streamgauge.testkit.fixture.RequiredTool;
import io.streamgauge.testkit.fixture.TestCall;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes a real order-sync run, its server and fulfilment under the agent and
 * its clients with the library, with a consumer that stops reading and a gray instance that fails;
 * beside it a process with all other troubles. No panel is empty.
 */
@Tag("e2e")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DashboardsIT {

  private static final int SCRAPE_SECONDS = 2;
  private static final int STALL_SECONDS = 5;

  @TempDir static Path directory;

  private static Process demo;
  private static Path demoLog;
  private static Trouble trouble;
  private static Prometheus prometheus;
  private static Thread again;

  @BeforeAll
  static void start() throws Exception {
    RequiredTool.onPath("prometheus");
    int base = freeBase();
    demo = demo(base);
    trouble = new Trouble();
    Map<String, Integer> jobs = new LinkedHashMap<>();
    jobs.put("order-sync-server", base + 1);
    jobs.put("fulfilment-stable", base + 2);
    jobs.put("fulfilment-gray", base + 3);
    jobs.put("order-sync-client", base + 4);
    jobs.put("trouble", trouble.consolePort());
    prometheus =
        new Prometheus(
            directory, List.of(DashboardFiles.RULES, DashboardFiles.ALERTS), jobs, SCRAPE_SECONDS);
    await().until(prometheus::isReady);
    await().until(() -> prometheus.hasValue("sum(up) == 5") || !demo.isAlive());
    assertThat(demo.isAlive()).as(Files.readString(demoLog)).isTrue();
    trouble.begin();
    again =
        new Thread(
            () -> {
              try {
                while (true) {
                  trouble.again();
                  TimeUnit.MILLISECONDS.sleep(500);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    again.setDaemon(true);
    again.start();
  }

  private static int freeBase() throws IOException {
    for (int tries = 0; tries < 50; tries++) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        int base = socket.getLocalPort() - 30;
        if (isFree(base)) {
          return base;
        }
      }
    }
    throw new IOException("no free range of ports");
  }

  private static boolean isFree(int base) {
    for (int port = base; port < base + 16; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        assertThat(socket.isBound()).isTrue();
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  /** As a user starts it; stops by itself. */
  private static Process demo(int base) throws IOException {
    demoLog = directory.resolve("demo.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-jar",
                System.getProperty("order-sync.jar"),
                "demo",
                "--viewer-jar=" + System.getProperty("viewer.jar"),
                "--agent-jar=" + System.getProperty("agent.jar"),
                "--attach=agent",
                "--port-base=" + base,
                "--streams=8",
                "--rate=400",
                "--slow-consumer",
                "--gray-errors",
                "--seconds=180")
            .redirectErrorStream(true)
            .redirectOutput(new File(demoLog.toString()));
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    builder.environment().put("STREAMGAUGE_STALL_AFTER", STALL_SECONDS + "s");
    return builder.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (again != null) {
      again.interrupt();
      again.join();
    }
    if (prometheus != null) {
      prometheus.close();
    }
    if (trouble != null) {
      trouble.close();
    }
    if (demo != null) {
      demo.destroy();
      demo.waitFor(60, TimeUnit.SECONDS);
      demo.destroyForcibly().waitFor();
    }
  }

  @Test
  @Order(1)
  void noPanelIsEmpty() throws Exception {
    List<DashboardFiles.Query> open = new ArrayList<>(DashboardFiles.allQueries());
    assertThat(open).hasSizeGreaterThan(80);
    // As long as the demo runs: the stuck consumer's window must fill before bytes wait.
    await(demo, demoLog)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () -> {
              for (DashboardFiles.Query query : List.copyOf(open)) {
                if (prometheus.hasValue(query.resolved(20).replace("or vector(0)", ""))) {
                  open.remove(query);
                }
              }
              assertThat(open).as("panels without a value").isEmpty();
            });
  }

  @Test
  @Order(2)
  void exemplarsArriveFromBothRoads() {
    for (String query :
        List.of(
            // The clients' library, the server's agent.
            "grpc_client_handling_seconds_bucket{job=\"order-sync-client\"}",
            "grpc_server_handling_seconds_bucket{job=~\"fulfilment-.*\"}",
            "grpc_stream_stalls_total{job=\"order-sync-client\"}")) {
      await().untilAsserted(() -> assertThat(prometheus.exemplars(query)).as(query).isPositive());
    }
  }

  @Test
  @Order(3)
  void theGrayInstanceIsNoticed() {
    await()
        .until(
            () ->
                prometheus.hasValue(
                    "ALERTS{alertname=\"GrpcGrayRegression\",grpc_method=\"Notify\",gray_tag=\"gray\"}"));
  }

  @Test
  @Order(4)
  void aStallIsReportedInTimeAndIsOverWhenItIsOver() throws Exception {
    String alert =
        "ALERTS{alertname=\"GrpcStreamStalled\",alertstate=\"firing\",job=\"trouble\","
            + "grpc_method=\"ServerStream\",gray_tag=\"baseline\",cause=\"no_demand\"}";
    String gauge =
        "grpc_stream_stalled{job=\"trouble\",grpc_method=\"ServerStream\","
            + "gray_tag=\"baseline\",cause=\"no_demand\"}";
    double begun = prometheus.now();
    TestCall call = trouble.stall();
    await().until(() -> prometheus.hasValue(alert));
    // By the times of Prometheus, so that a slow machine is no failure: the rule fires at the
    // first evaluation after the scrape that shows the stall, or at the second.
    double fired = prometheus.firstAbove(alert, 0, begun);
    double shown = prometheus.firstAbove(gauge, 0, begun);
    assertThat(prometheus.samplesBetween(gauge, shown, fired)).isBetween(1, 2);

    call.request(Integer.MAX_VALUE);
    assertThat(call.awaitEnd().isOk()).isTrue();
    // A scrape that came too late ends an alert as well, by ending the series.
    await()
        .untilAsserted(
            () -> {
              assertThat(prometheus.query(gauge)).as("still scraped").isNotEmpty();
              assertThat(prometheus.hasValue(alert)).as("alert").isFalse();
            });
  }
}
