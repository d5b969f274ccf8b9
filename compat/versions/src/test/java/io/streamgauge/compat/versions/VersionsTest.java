package io.streamgauge.compat.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestJvm;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One grpc version, which the build chooses (gate R10). */
@Tag("matrix")
@Gate("R10")
class VersionsTest {

  @Test
  void thisIsTheVersionMeant() throws Exception {
    Object version =
        Class.forName("io.grpc.internal.GrpcUtil").getField("IMPLEMENTATION_VERSION").get(null);
    assertThat(version).isEqualTo(System.getProperty("grpc.version"));
  }

  @ParameterizedTest
  @EnumSource(TestTransport.class)
  void onThisJdk(TestTransport transport) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      VersionsCanary.check(transport, pool);
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void theRoutingPolicySendsACallToTheLaneOfItsTag() throws Exception {
    AtomicInteger canaryCalls = new AtomicInteger();
    Server baseline = server(new AtomicInteger());
    Server canary = server(canaryCalls);
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(
                "lane:///versions?baseline=127.0.0.1:"
                    + baseline.getPort()
                    + "&canary=127.0.0.1:"
                    + canary.getPort())
            .defaultServiceConfig(
                Map.of(
                    "loadBalancingConfig",
                    List.of(Map.of("gray_prefer", Map.of("connectWait", "20s")))))
            .usePlaintext()
            .build();
    CallOptions tagged = CallOptions.DEFAULT.withOption(GrayTags.CALL_OPTION, GrayTag.of("canary"));
    for (int i = 0; i < 10; i++) {
      ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, tagged, "hello");
      ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    }
    channel.shutdownNow();
    baseline.shutdownNow();
    canary.shutdownNow();
    assertThat(canaryCalls.get()).isEqualTo(10);
  }

  private static Server server(AtomicInteger calls) throws IOException {
    return TestTransport.NETTY_SHADED
        .server()
        .addService(TestService.create())
        .intercept(
            new ServerInterceptor() {
              @Override
              public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                  ServerCall<ReqT, RespT> call,
                  Metadata headers,
                  ServerCallHandler<ReqT, RespT> next) {
                calls.incrementAndGet();
                return next.startCall(call, headers);
              }
            })
        .build()
        .start();
  }

  @Test
  void onJdk25WithVirtualThreadsAndWithout() throws Exception {
    Optional<Path> java = TestJvm.java25();
    assumeTrue(java.isPresent(), "no JDK 25: set JAVA25_HOME");
    TestJvm.Outcome outcome =
        new TestJvm()
            .java(java.get())
            .options("-Djava.net.preferIPv4Stack=true")
            .run(VersionsCanary.class.getName());
    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("canary ok on virtual threads"))
        .hasSize(TestTransport.values().length);
    assertThat(outcome.lines("canary ok on platform threads"))
        .hasSize(TestTransport.values().length);
    GateCases.add(2L * TestTransport.values().length);
  }
}
