package io.streamgauge;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A program on grpc-api alone, without stubs: a tagged call, and what was swallowed meanwhile. */
public final class WithoutStubProgram {

  private WithoutStubProgram() {}

  public static String run() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    Streamgauge gauge =
        Streamgauge.builder()
            .openTelemetry(OpenTelemetry.noop())
            .prometheus(registry)
            .gray(GrayPolicy.builder().allow("canary").build())
            .build();
    ServerCallHandler<String, String> echo =
        (call, headers) -> {
          call.request(2);
          return new Echo(call);
        };
    ServerBuilder<?> serverBuilder =
        TestTransport.IN_PROCESS
            .server()
            .addService(
                ServerServiceDefinition.builder(
                        ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                            .addMethod(TestMethods.UNARY)
                            .build())
                    .addMethod(TestMethods.UNARY, echo)
                    .build());
    gauge.install(serverBuilder);
    Server server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.IN_PROCESS.channel(server);
    gauge.install(channelBuilder);
    ManagedChannel channel = channelBuilder.build();
    try {
      Metadata headers = new Metadata();
      headers.put(Metadata.Key.of("x-env-tag", Metadata.ASCII_STRING_MARSHALLER), "canary");
      CompletableFuture<Status> end = new CompletableFuture<>();
      ClientCall<String, String> call = channel.newCall(TestMethods.UNARY, CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              end.complete(status);
            }
          },
          headers);
      call.request(2);
      call.sendMessage("hello");
      call.halfClose();
      return end.join().getCode()
          + ", faults "
          + sum(registry, "streamgauge_faults_total", null)
          + ", canary calls "
          + sum(registry, "grpc_server_started_total", "canary");
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
      gauge.close();
    }
  }

  private static double sum(CollectorRegistry registry, String name, String lane) {
    return java.util.Collections.list(registry.metricFamilySamples()).stream()
        .flatMap(family -> family.samples.stream())
        .filter(sample -> sample.name.equals(name))
        .filter(sample -> lane == null || sample.labelValues.contains(lane))
        .mapToDouble(sample -> sample.value)
        .sum();
  }

  private static final class Echo extends ServerCall.Listener<String> {
    private final ServerCall<String, String> call;

    Echo(ServerCall<String, String> call) {
      this.call = call;
    }

    @Override
    public void onMessage(String message) {
      call.sendHeaders(new Metadata());
      call.sendMessage(message);
    }

    @Override
    public void onHalfClose() {
      call.close(Status.OK, new Metadata());
    }
  }
}
