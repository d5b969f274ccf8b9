package io.streamgauge.javaagent;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;

/** An application with a simpleclient registry of its own. */
final class RegistryCanary {

  private RegistryCanary() {}

  public static void main(String[] args) throws IOException {
    Server server = TestTransport.NETTY.server().addService(TestService.create()).build().start();
    ManagedChannel channel = TestTransport.NETTY.channel(server).build();
    ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    System.out.println(
        "registry: "
            + CollectorRegistry.defaultRegistry.getSampleValue(
                "grpc_client_started_total",
                new String[] {"grpc_type", "grpc_service", "grpc_method", "gray_tag"},
                new String[] {"unary", TestMethods.SERVICE, "Unary", "baseline"}));
    channel.shutdownNow();
    server.shutdownNow();
  }
}
