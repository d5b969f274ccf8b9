package io.streamgauge;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.internal.config.GaugeAccess;
import io.streamgauge.internal.config.GaugeConfig;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The door: what a user can switch, and what he is told when something is wrong. */
class StreamgaugeTest {

  private final CollectorRegistry registry = new CollectorRegistry();
  private Server server;
  private ManagedChannel channel;

  private void serve(Streamgauge gauge) throws IOException {
    ServerBuilder<?> serverBuilder =
        TestTransport.NETTY_SHADED.server().addService(TestService.create());
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
    gauge.install(channelBuilder);
    channel = channelBuilder.build();
  }

  @AfterEach
  void stop() {
    if (server != null) {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private String call() {
    return ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
  }

  private TestSeries scrape() {
    return LibrarySubject.scrape(registry);
  }

  @Test
  void aSecondGaugeOnOneRegistryGetsOneClearLineAndTheFirstGoesOn() throws IOException {
    Streamgauge first = Streamgauge.builder().prometheus(registry).build();
    serve(first);

    assertThatThrownBy(() -> Streamgauge.builder().prometheus(registry).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("registry already holds")
        .hasMessageContaining("grpc_server_started");

    call();
    assertThat(scrape().sum("grpc_client_started_total")).isEqualTo(1);
    first.close();
    Streamgauge.builder().prometheus(registry).build().close();
  }

  @Gate("R14")
  @Test
  void offAtStartInstallsNothing() throws IOException {
    serve(
        Streamgauge.builder()
            .prometheus(registry)
            .fromEnvironment(Map.of("STREAMGAUGE_ENABLED", "false"), new Properties())
            .build());

    assertThat(call()).isEqualTo("hello");
    assertThat(scrape().all().stream().filter(s -> s.name().startsWith("grpc_"))).isEmpty();
  }

  @Gate("R14")
  @Test
  void switchedAtRunTimeItTakesEffectOnTheNextCall() throws IOException {
    Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
    serve(gauge);
    call();
    gauge.setEnabled(false);
    call();
    call();
    gauge.setEnabled(true);
    call();

    await()
        .untilAsserted(
            () -> {
              assertThat(scrape().sum("grpc_client_handled_total")).isEqualTo(2);
              assertThat(scrape().sum("grpc_server_handled_total")).isEqualTo(2);
            });
  }

  @Test
  void preregisteredMethodsStandAtZeroOnTheSidesInUse() {
    Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
    gauge.preregister(TestMethods.DESCRIPTOR);
    assertThat(scrape().has("grpc_server_started_total")).isFalse();

    gauge.serverInterceptor();
    assertThat(scrape().find("grpc_server_started_total")).hasSize(4);
    assertThat(scrape().find("grpc_server_handled_total", "grpc_method", "Bidi")).hasSize(17);
    assertThat(scrape().sum("grpc_server_started_total")).isZero();
    assertThat(scrape().has("grpc_client_started_total")).isFalse();
  }

  @Test
  void excludedServicesAreLeftAlone() throws IOException {
    serve(Streamgauge.builder().prometheus(registry).exclude(TestMethods.SERVICE).build());

    call();
    assertThat(scrape().has("grpc_client_started_total")).isFalse();
    assertThat(scrape().has("grpc_server_started_total")).isFalse();
  }

  @Test
  void healthAndReflectionAreExcludedUnlessSaidOtherwise() {
    assertThat(new GaugeConfig().exclude)
        .contains("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection");
  }

  @Test
  void liveStreamsAreTheOnesThatAreOpen() throws IOException {
    Streamgauge gauge = Streamgauge.builder().build();
    serve(gauge);
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("hang");

    await().until(() -> gauge.liveStreams().size() == 2);
    List<StreamSnapshot> streams = gauge.liveStreams();
    assertThat(streams).extracting(v -> v.side().label()).containsOnly("client", "server");
    call.cancel();
    await().until(() -> gauge.liveStreams().isEmpty());
  }

  @Test
  void theInterceptorAloneCountsAndLeavesOutWhatItCannotKnow() throws IOException {
    Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
    server =
        TestTransport.NETTY_SHADED
            .server()
            .addService(TestService.create())
            .intercept(gauge.serverInterceptor())
            .build()
            .start();
    channel = TestTransport.NETTY_SHADED.channel(server).build();
    call();

    await().until(() -> scrape().sum("grpc_server_handled_total", "grpc_code", "OK") == 1);
    assertThat(scrape().has("grpc_stream_buffer_depth", "stage", "executor")).isFalse();
    assertThat(scrape().has("grpc_stream_buffer_depth", "stage", "handler")).isTrue();
    assertThat(gauge.liveStreams()).isEmpty();
  }

  @Test
  void aClosedGaugeStaysClosed() {
    CollectorRegistry registry = new CollectorRegistry();
    Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
    GaugeAccess.assembly(gauge)
        .closeToo(
            () -> {
              throw new IllegalStateException("injected");
            });
    AtomicBoolean last = new AtomicBoolean();
    GaugeAccess.assembly(gauge).closeToo(() -> last.set(true));
    gauge.close();
    gauge.setEnabled(true);

    assertThat(GaugeAccess.assembly(gauge).isEnabled()).isFalse();
    assertThat(last).isTrue();
    assertThat(registry.getSampleValue("streamgauge_series_dropped_total")).isNull();
  }
}
