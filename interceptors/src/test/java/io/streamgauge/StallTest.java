package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.stream.StreamView;
import io.streamgauge.testkit.TestCall;
import io.streamgauge.testkit.TestMethods;
import io.streamgauge.testkit.TestSeries;
import io.streamgauge.testkit.TestService;
import io.streamgauge.testkit.TestTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which streams stand still, and why; real sockets, a clock moved by hand. */
class StallTest {

  private static final int THRESHOLD = 10;

  private final AtomicLong now = new AtomicLong(1);
  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge =
      Streamgauge.builder()
          .prometheus(registry)
          .clock(now::get)
          .stallAfter(TestMethods.SERVICE + "/ServerStream", Duration.ofSeconds(30))
          .build();
  private final CompletableFuture<ServerCall<String, String>> accepted = new CompletableFuture<>();
  private Server server;
  private ManagedChannel channel;
  private TestCall call;

  private void serve(ServerServiceDefinition service) throws IOException {
    ServerBuilder<?> serverBuilder = TestTransport.NETTY.server().addService(service);
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY.channel(server);
    gauge.install(channelBuilder);
    channel = channelBuilder.build();
  }

  /** A bidi method whose server side the test drives. */
  private ServerServiceDefinition driven(ServerCall.Listener<String> listener) {
    ServerCallHandler<String, String> handler =
        (serverCall, headers) -> {
          accepted.complete(serverCall);
          return listener;
        };
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE).addMethod(TestMethods.BIDI).build())
        .addMethod(TestMethods.BIDI, handler)
        .build();
  }

  private static ServerCall.Listener<String> nothing() {
    return new ServerCall.Listener<>() {};
  }

  @AfterEach
  void stop() {
    if (call != null) {
      call.cancel();
    }
    channel.shutdownNow();
    server.shutdownNow();
    await().until(() -> gauge.liveStreams().isEmpty());
    assertThat(stalledNow()).isZero();
    gauge.close();
  }

  private void seconds(int seconds) {
    for (int i = 0; i < seconds; i++) {
      now.addAndGet(TimeUnit.SECONDS.toNanos(1));
      gauge.rooms().watch.tick();
    }
  }

  private TestSeries scrape() {
    return LibrarySubject.scrape(registry);
  }

  private double stalledNow() {
    return scrape().sum("grpc_stream_stalled");
  }

  private double stalls(String side, String cause) {
    return scrape().sum("grpc_stream_stalls_total", "side", side, "cause", cause);
  }

  /** The clock is moved by hand, the sockets are not: waits until they have nothing left to do. */
  private void awaitRest() {
    AtomicLong before = new AtomicLong(-1);
    AtomicInteger equal = new AtomicInteger();
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              long bytes = (long) scrape().sum("grpc_stream_wire_bytes_total");
              equal.set(before.getAndSet(bytes) == bytes ? equal.get() + 1 : 0);
              return bytes > 0 && equal.get() >= 10;
            });
  }

  /** Nothing before the threshold, the cause within a second after it, and it is counted once. */
  private void assertStalls(String side, String cause) {
    seconds(1); // the watch sees what has moved
    seconds(THRESHOLD - 1);
    assertThat(scrape().sum("grpc_stream_stalled", "side", side)).as("too early").isZero();
    seconds(1);
    assertThat(scrape().sum("grpc_stream_stalled", "side", side, "cause", cause))
        .as("%s", scrape().find("grpc_stream_stalled"))
        .isEqualTo(1);
    assertThat(scrape().sum("grpc_stream_stalled", "side", side)).isEqualTo(1);
    seconds(20);
    assertThat(stalls(side, cause)).isEqualTo(1);
    assertThat(gauge.liveStreams())
        .filteredOn(v -> v.side().label().equals(side))
        .singleElement()
        .satisfies(v -> assertThat(v.cause().label()).isEqualTo(cause));
  }

  private void assertClears(String side) {
    await()
        .untilAsserted(
            () -> {
              gauge.rooms().watch.tick();
              assertThat(scrape().sum("grpc_stream_stalled", "side", side)).isZero();
            });
  }

  @Test
  void notConnected() throws IOException {
    serve(TestService.create());
    server.shutdownNow();
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    call.send("a");

    assertStalls("client", "not_connected");
    call.cancel();
    call.awaitEnd();
    assertClears("client");
  }

  @Test
  void handlerBusy() throws IOException {
    CountDownLatch free = new CountDownLatch(1);
    serve(
        driven(
            new ServerCall.Listener<>() {
              @Override
              public void onMessage(String message) {
                try {
                  free.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            }));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("a");
    accepted.join().request(5);
    await().until(() -> scrape().sum("grpc_stream_buffer_depth", "stage", "handler") == 1);

    assertStalls("server", "handler_busy");
    free.countDown();
    await().until(() -> scrape().sum("grpc_stream_buffer_depth", "stage", "handler") == 0);
    assertClears("server");
  }

  @Test
  void peerNotReading() throws IOException {
    serve(driven(nothing()));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    accepted.join();
    String large = "x".repeat(1_000);
    for (int i = 0; i < 3_000; i++) { // more than the server's window of 1 MiB
      call.send(large);
    }
    awaitRest();

    assertStalls("client", "peer_not_reading");
    assertThat(scrape().sum("grpc_stream_not_ready", "side", "client")).isEqualTo(1);
    assertThat(scrape().sum("grpc_stream_sent_while_not_ready_total", "side", "client"))
        .isPositive();
    assertThat(scrape().sum("grpc_stream_blocked_seconds_total", "side", "client"))
        .isBetween(30.0, 32.0);
    accepted.join().request(3_000);
    await().until(() -> scrape().sum("grpc_server_msg_received_total") == 3_000);
    assertClears("client");
    assertThat(scrape().sum("grpc_stream_not_ready", "side", "client")).isZero();
  }

  @Test
  void noDemand() throws IOException {
    serve(driven(nothing()));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    accepted.join();

    assertStalls("server", "no_demand");
    accepted.join().request(1);
    assertThat(scrape().sum("grpc_stream_demand", "side", "server")).isEqualTo(1);
    assertClears("server");
  }

  @Test
  void aSilentPeerIsIdleNotStalled() throws IOException {
    serve(driven(nothing()));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    accepted.join().request(1);

    seconds(600);
    assertThat(stalledNow()).isZero();
    assertThat(scrape().sum("grpc_stream_stalls_total")).isZero();
    assertThat(scrape().find("grpc_stream_oldest_idle_seconds", "side", "server").get(0).value())
        .isBetween(598.0, 600.0);
  }

  @Test
  void tenHealthyMinutesHaveNoStall() throws IOException {
    serve(TestService.create());
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    for (int second = 0; second < 600; second++) {
      int expected = second + 1;
      call.send("tick");
      await().until(() -> call.received() == expected);
      seconds(1);
      assertThat(stalledNow()).isZero();
    }
    assertThat(scrape().sum("grpc_stream_stalls_total")).isZero();
  }

  @Test
  void aMethodMayHaveAThresholdOfItsOwn() throws IOException {
    ServerCallHandler<String, String> blocked =
        (serverCall, headers) -> {
          accepted.complete(serverCall);
          serverCall.request(1);
          return nothing();
        };
    serve(
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.SERVER_STREAM)
                    .build())
            .addMethod(TestMethods.SERVER_STREAM, blocked)
            .build());
    call =
        TestCall.start(channel, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, new Metadata(), 0);
    call.send("go");
    accepted.join();
    await().until(() -> gauge.liveStreams().size() == 2);

    seconds(30);
    assertThat(stalledNow()).isZero();
    seconds(2);
    assertThat(scrape().sum("grpc_stream_stalled", "side", "client", "cause", "no_demand"))
        .isEqualTo(1);
  }

  /** An executor that drops its tasks, as a shut-down one may: no callback ever comes. */
  @Test
  void aCallWhoseEndNobodyHearsEndsAllTheSame() throws IOException {
    serve(TestService.create());
    assertThat(
            ClientCalls.blockingUnaryCall(
                channel, TestMethods.UNARY, CallOptions.DEFAULT, "connected"))
        .isEqualTo("connected");
    TestCall deaf =
        TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT.withExecutor(task -> {}));
    deaf.send("hello");
    deaf.halfClose();
    await().until(() -> scrape().sum("grpc_server_handled_total", "grpc_method", "Bidi") == 1);
    awaitRest();
    assertThat(gauge.liveStreams()).hasSize(1);

    seconds(599);
    assertThat(gauge.liveStreams()).hasSize(1);
    seconds(5);
    assertThat(gauge.liveStreams()).isEmpty();
    assertThat(scrape().sum("grpc_client_handled_total", "grpc_method", "Bidi", "grpc_code", "OK"))
        .isEqualTo(1);
  }

  @Test
  void theApplicationsOwnQueueIsADepthAndLeavesWithTheStream() throws IOException {
    serve(
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.BIDI)
                    .build())
            .addMethod(
                TestMethods.BIDI,
                (serverCall, headers) -> {
                  Streamgauge.buffer("queue", () -> 42);
                  for (int i = 0; i < 20; i++) {
                    Streamgauge.buffer("too many", () -> 0);
                  }
                  serverCall.request(1);
                  accepted.complete(serverCall);
                  return nothing();
                })
            .build());
    call =
        TestCall.start(
            channel,
            TestMethods.BIDI,
            CallOptions.DEFAULT.withOption(
                Streamgauge.BUFFER, Streamgauge.clientBuffer("window", () -> 7)));
    accepted.join();

    assertThat(scrape().sum("grpc_stream_buffer_depth", "side", "server", "stage", "application"))
        .isEqualTo(42);
    assertThat(scrape().sum("grpc_stream_buffer_depth", "side", "client", "stage", "application"))
        .isEqualTo(7);
    assertThat(gauge.liveStreams())
        .extracting(StreamView::applicationDepth)
        .containsExactlyInAnyOrder(42L, 7L);
    assertThat(scrape().sum("streamgauge_refused_total", "what", "buffer")).isEqualTo(13);
    accepted.join().close(Status.OK, new Metadata());
    call.awaitEnd();
    await()
        .untilAsserted(
            () ->
                assertThat(scrape().sum("grpc_stream_buffer_depth", "stage", "application"))
                    .isZero());
    assertThat(scrape().has("grpc_stream_buffer_depth", "side", "server", "stage", "application"))
        .isTrue();
  }
}
