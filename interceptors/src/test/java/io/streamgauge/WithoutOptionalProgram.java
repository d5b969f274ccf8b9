package io.streamgauge;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** A small user's program, loaded where the optional libraries are missing. */
public final class WithoutOptionalProgram {

  private WithoutOptionalProgram() {}

  public static String run() throws IOException {
    Streamgauge gauge =
        Streamgauge.builder()
            .openTelemetry(OpenTelemetry.noop())
            .mdc(true)
            .messageField("context")
            .fromEnvironment()
            .build();
    AtomicInteger live = new AtomicInteger();
    ServerBuilder<?> serverBuilder =
        TestTransport.IN_PROCESS.server().addService(TestService.create());
    gauge.install(serverBuilder);
    Server server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.IN_PROCESS.channel(server);
    gauge.install(channelBuilder);
    ManagedChannel channel = channelBuilder.build();
    try {
      ClientCalls.blockingServerStreamingCall(
              channel, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, "count:3")
          .forEachRemaining(
              message ->
                  live.set(
                      (int)
                          gauge.liveStreams().stream()
                              .filter(v -> v.side().label().equals("client"))
                              .count()));
      String answer =
          ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
      return answer + " from a gauge with 1 live stream";
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
      gauge.close();
    }
  }
}
