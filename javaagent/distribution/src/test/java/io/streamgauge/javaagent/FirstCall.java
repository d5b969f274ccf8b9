package io.streamgauge.javaagent;

import com.sun.management.OperatingSystemMXBean;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.ClientCalls;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** From nothing to the first answer; says what the process has cost by then. */
final class FirstCall {

  private FirstCall() {}

  public static void main(String[] args) throws IOException {
    Server server = TestTransport.NETTY.server().addService(TestService.create()).build().start();
    ManagedChannel channel = TestTransport.NETTY.channel(server).build();
    ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    long wall = ManagementFactory.getRuntimeMXBean().getUptime();
    long cpu =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    System.out.println("first call: " + cpu / 1_000_000 + " " + wall);
    System.exit(0);
  }
}
