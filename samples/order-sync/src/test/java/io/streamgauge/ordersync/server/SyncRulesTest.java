package io.streamgauge.ordersync.server;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.OverflowPolicy;
import io.streamgauge.ordersync.telemetry.InCode;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import io.streamgauge.ordersync.v1.RefusalReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the server does beyond storing: marks, limits, who may come, who is there. */
class SyncRulesTest {

  private static final int HIGH = 10;

  @TempDir Path directory;

  private final Streamgauge gauge =
      Streamgauge.builder().prometheus(new CollectorRegistry()).build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private final HeldStore store = new HeldStore();
  private volatile FlowLimits limits = limits(OverflowPolicy.REJECT_NEW, 1_000);
  private Path tokens;
  private OrderSyncServer server;
  private ManagedChannel channel;

  private static FlowLimits limits(OverflowPolicy policy, int perWindow) {
    return new FlowLimits(HIGH, HIGH / 2, policy, 200, perWindow, 3, 2);
  }

  @BeforeEach
  void start() throws Exception {
    tokens = Files.writeString(directory.resolve("tokens"), "old\n");
    server =
        new OrderSyncServer(
            attachment,
            store,
            new SyncTotals(),
            new OrderSyncServer.Settings(0, 0, 1, 1, () -> limits, tokens, Steps.NONE));
    server.start();
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() {
    store.release();
    channel.shutdownNow();
    server.close();
    attachment.close();
  }

  private TestClient connect(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    TestClient client = new TestClient();
    OrderSyncGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .syncOrderStatus(client);
    return client;
  }

  private HttpResponse<String> http(String method, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.healthPort() + path))
                .header("Authorization", "Bearer old")
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource
  void aFullBacklogRefusesBySequenceAndWhatIsSentAgainIsTaken(OverflowPolicy policy)
      throws Exception {
    limits = limits(policy, 1_000);
    store.hold();
    TestClient client = connect("old");
    int updates = 4 * HIGH;
    client.send("client", 1, 1);
    await().until(() -> store.held() == 1);
    client.send("client", 2, updates);

    // One is in the transaction that is held, as many as the mark allows wait, the rest is told.
    await().until(() -> client.refused() >= updates - 1 - HIGH);
    assertThat(gaugeOf("ordersync_backlog_depth")).isLessThanOrEqualTo(HIGH);
    assertThat(client.acks)
        .allMatch(ack -> ack.getReason() == RefusalReason.REFUSAL_REASON_OVERLOADED)
        .allMatch(ack -> ack.getPending() && !ack.getAccepted());
    await().untilAsserted(() -> assertThat(http("GET", "/readyz").statusCode()).isEqualTo(503));
    assertThat(http("GET", "/readyz").body()).contains("too many updates");

    store.release();
    await().until(() -> client.acks.size() == updates);
    await().untilAsserted(() -> assertThat(http("GET", "/readyz").statusCode()).isEqualTo(200));
    // Each message was answered once; what was refused goes through, in order.
    long done = client.watermark();
    for (long next = done + 1; next <= updates; next++) {
      long sequence = next;
      client.send("client", sequence, sequence);
      await().until(() -> client.watermark() == sequence);
    }
    assertThat(store.applied()).isEqualTo(updates);
  }

  private static double gaugeOf(String name) {
    return CollectorRegistry.defaultRegistry.getSampleValue(name);
  }

  @Test
  void aStreamThatSendsTooFastIsToldSo() {
    limits = limits(OverflowPolicy.REJECT_NEW, 3);
    TestClient client = connect("old");
    client.send("client", 1, 50);
    await().until(() -> client.acks.size() == 50);
    assertThat(client.acks)
        .anyMatch(ack -> ack.getReason() == RefusalReason.REFUSAL_REASON_RATE_LIMITED);
    assertThat(client.watermark()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void aStoreThatCannotBeWrittenRefusesAndTheStreamLivesOn() {
    store.fail(true);
    TestClient client = connect("old");
    client.send("client", 1, 1);
    await().until(() -> client.acks.size() == 1);
    assertThat(client.acks.get(0).getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_NOT_STORED);
    store.fail(false);
    client.send("client", 1, 1);
    await().until(() -> client.watermark() == 1);
  }

  @Test
  void whileTheStoreRefusesWritesTheServerIsNotReadyAndWhenItRecoversItIs() throws Exception {
    assertThat(http("GET", "/readyz").statusCode()).isEqualTo(200);
    store.fail(true);
    TestClient client = connect("old");
    client.send("client", 1, 1);
    await().until(() -> client.acks.size() == 1);
    assertNotReady();
    // The process works, and is not to be started again.
    assertThat(http("GET", "/healthz").statusCode()).isEqualTo(200);

    // No client sends anything more: the server finds out by itself.
    store.fail(false);
    assertReady();
  }

  @Test
  void aStoreThatFailsWhileNothingIsSentIsNoticed() throws Exception {
    assertThat(http("GET", "/readyz").statusCode()).isEqualTo(200);
    store.fail(true);
    assertNotReady();
    store.fail(false);
    assertReady();
  }

  @Test
  void aStoreThatDoesNotAnswerIsNoticedAndThePageAnswersMeanwhile() throws Exception {
    store.hold();
    TestClient client = connect("old");
    client.send("client", 1, 1);
    await().until(() -> store.held() == 1);
    assertNotReady();
    store.release();
    assertReady();
  }

  private void assertNotReady() {
    await()
        .untilAsserted(
            () -> {
              HttpResponse<String> ready = http("GET", "/readyz");
              assertThat(ready.statusCode()).isEqualTo(503);
              assertThat(ready.body()).contains("store");
              assertThat(served()).isEqualTo(ServingStatus.NOT_SERVING);
            });
  }

  private void assertReady() {
    await()
        .untilAsserted(
            () -> {
              assertThat(http("GET", "/readyz").statusCode()).isEqualTo(200);
              assertThat(served()).isEqualTo(ServingStatus.SERVING);
            });
  }

  /** What grpc.health says of the service. */
  private ServingStatus served() {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.newBuilder().setService(OrderSyncGrpc.SERVICE_NAME).build())
        .getStatus();
  }

  @Test
  void anUpdateThatComesTooEarlyIsToldSo() {
    TestClient client = connect("old");
    client.send("client", 2, 2);
    await().until(() -> client.acks.size() == 1);
    assertThat(client.acks.get(0).getReason())
        .isEqualTo(RefusalReason.REFUSAL_REASON_OUT_OF_SEQUENCE);
    client.send("client", 1, 2);
    await().until(() -> client.watermark() == 2);
  }

  @Test
  void aPingIsAnsweredWhileTheStoreIsHeldAndTimeGoesOn() {
    store.hold();
    TestClient client = connect("old");
    client.send("client", 1, 1);
    client.requests.onNext(
        OrderStatusUpdate.newBuilder().setPing(77).setLamport(1_000_000).build());
    await().until(() -> client.acks.size() == 1);
    assertThat(client.acks.get(0).getPong()).isEqualTo(77);
    assertThat(client.acks.get(0).getLamport()).isGreaterThan(1_000_000);
  }

  @Test
  void aClientsNewerStreamTakesOver() throws Exception {
    TestClient first = connect("old");
    first.send("client", 1, 1);
    await().until(() -> first.acks.size() == 1);
    TestClient second = connect("old");
    second.send("client", 2, 2);
    await().until(() -> first.ended != null);
    assertThat(first.ended.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(http("GET", "/streams").body().strip()).isEqualTo("client");

    second.send("another", 1, 1);
    await().until(() -> second.acks.size() == 2);
    assertThat(second.acks.get(1).getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_INVALID);
  }

  @Test
  void anOperatorMayEndAStream() throws Exception {
    TestClient client = connect("old");
    client.send("client", 1, 1);
    await().until(() -> client.acks.size() == 1);
    assertThat(http("DELETE", "/streams/nobody").statusCode()).isEqualTo(404);
    assertThat(http("POST", "/streams/client").statusCode()).isEqualTo(405);
    assertThat(http("DELETE", "/streams/client").statusCode()).isEqualTo(200);
    await().until(() -> client.ended != null);
    assertThat(client.ended.getDescription()).contains("operator");
    assertThat(http("GET", "/streams").body()).isBlank();
  }

  @Test
  void pagesAnswerWhatTheyAreAskedAndNothingElse() throws Exception {
    assertThat(http("GET", "/healthz").statusCode()).isEqualTo(200);
    assertThat(http("POST", "/healthz").statusCode()).isEqualTo(405);
    assertThat(http("GET", "/healthzz").statusCode()).isEqualTo(404);
    assertThat(http("GET", "/").statusCode()).isEqualTo(404);
  }

  @Test
  void tooManyStreamsAreRefusedAndBeforeThatItIsNotReady() throws Exception {
    for (int i = 0; i < 3; i++) {
      TestClient client = connect("old");
      client.send("client-" + i, 1, 1);
      await().until(() -> client.acks.size() == 1);
    }
    assertThat(http("GET", "/readyz").body()).contains("too many streams: 3");
    await().until(() -> served() == ServingStatus.NOT_SERVING);
    TestClient fourth = connect("old");
    await().until(() -> fourth.ended != null);
    assertThat(fourth.ended.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void aTokenIsAskedForWithEachStreamAndMayBeReplaced() throws Exception {
    TestClient client = connect("old");
    client.send("client", 1, 1);
    await().until(() -> client.acks.size() == 1);
    TestClient stranger = connect("stolen");
    await().until(() -> stranger.ended != null);
    assertThat(stranger.ended.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

    Files.writeString(tokens, "new\n");
    TestClient late = connect("old");
    await().until(() -> late.ended != null);
    assertThat(late.ended.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    TestClient renewed = connect("new");
    renewed.send("client", 2, 2);
    await().until(() -> renewed.watermark() == 2);
  }
}
