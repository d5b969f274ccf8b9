package io.streamgauge.internal.grpc;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
