package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.Test;

/** A proxy that takes any name: what its callers make up must not crowd out what it serves. */
class FallbackRegistryTest {

  private static final int INVENTED = 1_200;

  private static final MethodDescriptor<String, String> REAL =
      TestMethods.unary("pkg.Real/Call").toBuilder().setSampledToLocalTracing(true).build();

  private static ServerMethodDefinition<String, String> echo(
      MethodDescriptor<String, String> method) {
    return ServerMethodDefinition.create(
        method,
        ServerCalls.asyncUnaryCall(
            (request, responses) -> {
              responses.onNext(request);
              responses.onCompleted();
            }));
  }

  @Test
  void inventedNamesShareTheirSeriesAndTheRealOneHasItsOwn() throws Exception {
    LibrarySubject subject = new LibrarySubject();
    ServerBuilder<?> builder =
        TestTransport.NETTY_SHADED
            .server()
            .addService(ServerServiceDefinition.builder("pkg.Real").addMethod(echo(REAL)).build())
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                    return echo(TestMethods.unary(name));
                  }
                });
    subject.attach(builder);
    Server server = builder.build().start();
    ManagedChannelBuilder<?> to = TestTransport.NETTY_SHADED.channel(server);
    subject.attach(to);
    ManagedChannel channel = to.build();
    try {
      for (int i = 0; i < INVENTED; i++) {
        ClientCalls.blockingUnaryCall(
            channel, TestMethods.unary("pkg.Invented" + i + "/Call"), CallOptions.DEFAULT, "a");
      }
      ClientCalls.blockingUnaryCall(channel, REAL, CallOptions.DEFAULT, "a");

      TestSeries scrape = subject.scrape();
      for (String side : new String[] {"server", "client"}) {
        String started = "grpc_" + side + "_started_total";
        assertThat(scrape.sum(started)).isEqualTo(INVENTED + 1);
        assertThat(scrape.sum(started, "grpc_service", "pkg.Real")).isEqualTo(1);
        assertThat(scrape.find(started).size()).isLessThanOrEqualTo(102);
        assertThat(scrape.sum(started, "grpc_service", "_OTHER")).isEqualTo(INVENTED - 100);
      }
    } finally {
      channel.shutdownNow();
      server.shutdownNow().awaitTermination();
      subject.close();
    }
  }
}
