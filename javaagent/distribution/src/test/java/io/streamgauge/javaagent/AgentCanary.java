package io.streamgauge.javaagent;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.ClientCalls;
import io.streamgauge.testkit.TestMethods;
import io.streamgauge.testkit.TestService;
import io.streamgauge.testkit.TestTransport;
import java.io.IOException;

/** The smallest application: one server, one channel, one call. */
final class AgentCanary {

  private AgentCanary() {}

  public static void main(String[] args) throws IOException {
    Server server =
        TestTransport.NETTY_SHADED.server().addService(TestService.create()).build().start();
    ManagedChannel channel = TestTransport.NETTY_SHADED.channel(server).build();
    System.out.println(
        "canary: "
            + ClientCalls.blockingUnaryCall(
                channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello"));
    channel.shutdownNow();
    server.shutdownNow();
  }
}
