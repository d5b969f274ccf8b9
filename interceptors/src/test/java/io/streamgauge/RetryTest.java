package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.testkit.TestCall;
import io.streamgauge.testkit.TestMethods;
import io.streamgauge.testkit.TestSeries;
import io.streamgauge.testkit.TestService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One call, several attempts, or none yet. */
class RetryTest {

  private static final String DEPTH = "grpc_stream_buffer_depth";

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
  private Server server;
  private ManagedChannel channel;

  @AfterEach
  void stop() {
    channel.shutdownNow();
    if (server != null) {
      server.shutdownNow();
    }
    gauge.close();
  }

  private TestSeries scrape() {
    return LibrarySubject.scrape(registry);
  }

  private void serve(int port, ServerServiceDefinition service) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(service);
    gauge.install(builder);
    server = builder.build().start();
  }

  private NettyChannelBuilder to(int port) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .usePlaintext();
    gauge.install(builder);
    return builder;
  }

  /** 800 x 1000 bytes at once while nobody listens: all wait in connect; then somebody does. */
  @Test
  void whatIsSentBeforeThereIsAServerWaitsInConnect() throws IOException {
    int port;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    channel = to(port).build();
    TestCall call =
        TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    String large = "x".repeat(1_000);
    for (int i = 0; i < 800; i++) {
      call.send(large);
    }
    assertThat(scrape().sum(DEPTH, "side", "client", "stage", "connect")).isEqualTo(800);

    serve(port, TestService.create());
    channel.resetConnectBackoff();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> scrape().sum("grpc_server_msg_received_total") == 800);
    assertThat(scrape().sum(DEPTH, "side", "client", "stage", "connect")).isZero();
    call.halfClose();
    assertThat(call.awaitEnd().isOk()).isTrue();
  }

  /**
   * A stream beyond the peer's limit has a transport stream of its own already: what it sends is
   * past connect, and waits where only bytecode can see.
   */
  @Test
  void aStreamBeyondTheQuotaIsPastConnect() throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .maxConcurrentCallsPerConnection(1)
            .addService(TestService.create());
    gauge.install(builder);
    server = builder.build().start();
    channel = to(server.getPort()).build();
    TestCall first = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    first.send("hello");
    await().until(() -> first.received() == 1);
    TestCall second = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    for (int i = 0; i < 5; i++) {
      second.send("waits for quota");
    }

    await().until(() -> scrape().sum("grpc_client_started_total") == 2);
    assertThat(scrape().sum("grpc_server_started_total")).isEqualTo(1);
    await().until(() -> scrape().sum(DEPTH, "side", "client", "stage", "connect") == 0);
    assertThat(second.received()).isZero();
    second.cancel();
    second.awaitEnd();
    first.cancel();
    first.awaitEnd();
  }

  @ParameterizedTest
  @ValueSource(strings = {"retryPolicy", "hedgingPolicy"})
  void noDepthIsEverNegativeAndACallCountsOnceHoweverManyItsAttempts(String policy)
      throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    ServerCallHandler<String, String> handler =
        ServerCalls.asyncUnaryCall(
            (request, responses) -> {
              if (attempts.incrementAndGet() % 3 != 0) {
                responses.onError(Status.UNAVAILABLE.asRuntimeException());
              } else {
                responses.onNext(request);
                responses.onCompleted();
              }
            });
    serve(
        0,
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.UNARY)
                    .build())
            .addMethod(TestMethods.UNARY, handler)
            .build());
    channel =
        to(server.getPort()).enableRetry().defaultServiceConfig(serviceConfig(policy)).build();
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    ScheduledExecutorService scraper = Executors.newSingleThreadScheduledExecutor();
    var scraping =
        scraper.scheduleAtFixedRate(
            () ->
                scrape().all().stream()
                    .filter(sample -> sample.value() < 0)
                    .forEach(sample -> wrong.add(sample.toString())),
            0,
            5,
            TimeUnit.MILLISECONDS);
    int calls = 300;
    for (int i = 0; i < calls; i++) {
      TestCall call = TestCall.start(channel, TestMethods.UNARY, CallOptions.DEFAULT);
      call.send("hello");
      call.halfClose();
      call.awaitEnd();
    }

    await()
        .untilAsserted(
            () -> {
              assertThat(scrape().sum("grpc_client_handled_total")).isEqualTo(calls);
              assertThat(scrape().sum("grpc_stream_active")).isZero();
              assertThat(scrape().sum(DEPTH)).isZero();
            });
    scraping.cancel(false);
    scraper.shutdownNow();
    assertThat(wrong).isEmpty();
    assertThat(attempts.get()).as("attempts").isGreaterThan(calls);
    assertThat(scrape().sum("grpc_client_started_total")).isEqualTo(calls);
    assertThat(scrape().sum("grpc_client_msg_sent_total")).isEqualTo(calls);
  }

  private static Map<String, Object> serviceConfig(String policy) {
    Map<String, Object> retry =
        Map.of(
            "maxAttempts",
            4.0,
            "initialBackoff",
            "0.001s",
            "maxBackoff",
            "0.002s",
            "backoffMultiplier",
            1.0,
            "retryableStatusCodes",
            List.of("UNAVAILABLE"));
    Map<String, Object> hedging =
        Map.of(
            "maxAttempts",
            4.0,
            "hedgingDelay",
            "0.001s",
            "nonFatalStatusCodes",
            List.of("UNAVAILABLE"));
    return Map.of(
        "methodConfig",
        List.of(
            Map.of(
                "name",
                List.of(Map.of("service", TestMethods.SERVICE)),
                policy,
                policy.equals("retryPolicy") ? retry : hedging)));
  }

  @Test
  void headersOfACallAreNotSharedByItsAttempts() throws IOException {
    serve(0, TestService.create());
    channel = to(server.getPort()).build();
    Metadata headers = new Metadata();
    for (int i = 0; i < 3; i++) {
      TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT, headers, 10);
      call.halfClose();
      assertThat(call.awaitEnd().isOk()).isTrue();
    }
    assertThat(headers.keys().size()).isLessThanOrEqualTo(4);
  }
}
