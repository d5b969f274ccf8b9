package io.streamgauge.ordersync.client;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.check.HistoryChecker;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.rig.FreePort;
import io.streamgauge.ordersync.server.ServerRig;
import io.streamgauge.ordersync.telemetry.InCode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients whose server is away, or asks for another token. */
class AwayTest {

  private static final int CLIENTS = 3;

  @TempDir Path directory;

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private ServerRig rig;
  private OrderSyncClient client;
  private int port;

  @BeforeEach
  void start() throws Exception {
    port = FreePort.next();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    if (rig != null) {
      rig.close();
    }
    attachment.close();
  }

  private void startServer(Path tokens) throws Exception {
    rig = ServerRig.start(attachment, directory, port, () -> FlowLimits.DEFAULT, tokens);
  }

  private void startClient(Path token) throws Exception {
    client =
        new OrderSyncClient(
            attachment,
            new OrderSyncClient.Settings(
                "shop", port, CLIENTS, 300, 0, 0, 0, 0, 10_000, token, directory));
    client.start();
  }

  private static double gauge(String name) {
    return CollectorRegistry.defaultRegistry.getSampleValue(name);
  }

  private long journalled() throws Exception {
    long lines = 0;
    for (int i = 0; i < CLIENTS; i++) {
      lines += Files.readAllLines(directory.resolve("shop-" + i + ".journal")).size();
    }
    return lines;
  }

  private void assertAllArrived() throws Exception {
    OrderSyncClient.Totals totals = client.drain(new Standstill());
    assertThat(totals.unacked()).isZero();
    assertThat(totals.fallen()).isZero();
    HistoryChecker.Result result =
        HistoryChecker.check(directory, directory.resolve("orders.db").toString());
    assertThat(result.violations()).as(result.toString()).isZero();
    assertThat(result.acked()).isEqualTo(totals.acked());
  }

  @Test
  void whileTheServerIsAwayUpdatesAreJournalledAndSentWhenItIsBack() throws Exception {
    startClient(null);
    await().until(() -> gauge("ordersync_client_degraded") == CLIENTS);
    long before = journalled();
    await().until(() -> journalled() > before + 200);

    startServer(null);
    await().until(() -> client.acked() > before + 200);
    await().until(() -> gauge("ordersync_client_degraded") == 0);
    assertAllArrived();
  }

  @Test
  void aResumedStreamCarriesTheTokenOfNow() throws Exception {
    Path valid = Files.writeString(directory.resolve("valid"), "monday\n");
    Path token = Files.writeString(directory.resolve("token"), "monday\n");
    startServer(valid);
    startClient(token);
    await().until(() -> client.acked() > 50);

    Files.writeString(valid, "tuesday\n");
    // An open stream is not asked again; one that has to come again shows what it has.
    HttpResponse<String> cancelled =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:" + rig.server().healthPort() + "/streams/shop-0"))
                    .header("Authorization", "Bearer tuesday")
                    .DELETE()
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(cancelled.statusCode()).isEqualTo(200);
    Files.writeString(token, "tuesday\n");
    await()
        .until(
            () ->
                HttpClient.newHttpClient()
                    .send(
                        HttpRequest.newBuilder(
                                URI.create(
                                    "http://127.0.0.1:" + rig.server().healthPort() + "/streams"))
                            .header("Authorization", "Bearer tuesday")
                            .build(),
                        HttpResponse.BodyHandlers.ofString())
                    .body()
                    .contains("shop-0"));
    assertAllArrived();
  }
}
