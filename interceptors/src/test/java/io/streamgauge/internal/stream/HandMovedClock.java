package io.streamgauge.internal.stream;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.TestWatch;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** Real sockets, a clock and a watch moved by hand. */
public abstract class HandMovedClock {

  protected static final int THRESHOLD = 10;

  protected final AtomicLong now = new AtomicLong(1);
  protected final CollectorRegistry registry = new CollectorRegistry();
  protected final InMemorySpanExporter spans = InMemorySpanExporter.create();
  protected final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .setSampler(sampler())
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  protected final Streamgauge gauge =
      TestWatch.clock(Streamgauge.builder(), now::get)
          .openTelemetry(sdk)
          .prometheus(registry)
          .stallAfter(TestMethods.SERVICE + "/ServerStream", Duration.ofSeconds(30))
          .build();
  protected final CompletableFuture<ServerCall<String, String>> accepted =
      new CompletableFuture<>();
  protected Server server;
  protected ManagedChannel channel;
  protected TestCall call;

  protected Sampler sampler() {
    return Sampler.alwaysOn();
  }

  protected void serve(ServerServiceDefinition service) throws IOException {
    ServerBuilder<?> serverBuilder = TestTransport.NETTY_SHADED.server().addService(service);
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
    gauge.install(channelBuilder);
    channel = channelBuilder.build();
  }

  /** A bidi method whose server side the test drives. */
  protected ServerServiceDefinition driven(ServerCall.Listener<String> listener) {
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

  protected static ServerCall.Listener<String> nothing() {
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
    sdk.close();
  }

  protected void seconds(int seconds) {
    for (int i = 0; i < seconds; i++) {
      now.addAndGet(TimeUnit.SECONDS.toNanos(1));
      TestWatch.look(gauge);
    }
  }

  protected TestSeries scrape() {
    return LibrarySubject.scrape(registry);
  }

  protected double stalledNow() {
    return scrape().sum("grpc_stream_stalled");
  }

  protected double stalls(String side, String cause) {
    return scrape().sum("grpc_stream_stalls_total", "side", side, "cause", cause);
  }

  protected void awaitRest() {
    awaitRest(registry);
  }

  /** The clock is moved by hand, the sockets are not: waits until they have nothing left to do. */
  public static void awaitRest(CollectorRegistry registry) {
    AtomicLong before = new AtomicLong(-1);
    AtomicInteger equal = new AtomicInteger();
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              TestSeries seen = LibrarySubject.scrape(registry);
              long bytes = (long) seen.sum("grpc_stream_wire_bytes_total");
              equal.set(before.getAndSet(bytes) == bytes ? equal.get() + 1 : 0);
              boolean begun = bytes > 0 || seen.sum("grpc_client_msg_sent_total") == 0;
              return begun && equal.get() >= 10;
            });
  }

  /** Nothing before the threshold, the cause within a second after it, and it is counted once. */
  protected void assertStalls(String side, String cause) {
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

  /** Once the sockets are at rest, two looks at most. */
  protected void assertClears(String side) {
    awaitRest();
    seconds(2);
    assertThat(scrape().sum("grpc_stream_stalled", "side", side)).isZero();
  }
}
