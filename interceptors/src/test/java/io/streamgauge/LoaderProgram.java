package io.streamgauge;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.util.concurrent.Callable;

/** An application that comes and goes, as in a container: makes a call, closes all, says so. */
public final class LoaderProgram implements Callable<String> {

  @Override
  public String call() throws Exception {
    String name = "loader-" + System.identityHashCode(this);
    try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder().build();
        Streamgauge gauge =
            Streamgauge.builder().openTelemetry(sdk).prometheus(new CollectorRegistry()).build()) {
      InProcessServerBuilder serverBuilder =
          InProcessServerBuilder.forName(name).directExecutor().addService(TestService.create());
      gauge.install(serverBuilder);
      Server server = serverBuilder.build().start();
      InProcessChannelBuilder channelBuilder =
          InProcessChannelBuilder.forName(name).directExecutor();
      gauge.install(channelBuilder);
      ManagedChannel channel = channelBuilder.build();
      String answer =
          ClientCalls.blockingUnaryCall(
              channel, TestMethods.UNARY, CallOptions.DEFAULT, "come and gone");
      channel.shutdownNow();
      server.shutdownNow();
      server.awaitTermination();
      return answer;
    }
  }
}
