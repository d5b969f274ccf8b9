package io.streamgauge.javaagent;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.Cost;
import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** An application that registers the library on one server and channel and not on another. */
final class CodeCanary {

  private CodeCanary() {}

  private static void call(Streamgauge gauge, int calls) throws IOException {
    ServerBuilder<?> serverBuilder = TestTransport.NETTY.server().addService(TestService.create());
    if (gauge != null) {
      gauge.install(serverBuilder);
    }
    Server server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY.channel(server);
    if (gauge != null) {
      gauge.install(channelBuilder);
    }
    ManagedChannel channel = channelBuilder.build();
    for (int i = 0; i < calls; i++) {
      ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    }
    channel.shutdownNow();
    server.shutdownNow();
  }

  /** On what the agent has attached to already: a service, and a channel that is built. */
  private static void callLate(Streamgauge gauge, int calls) throws IOException {
    Server server =
        TestTransport.NETTY
            .server()
            .addService(
                ServerInterceptors.intercept(TestService.create(), gauge.serverInterceptor()))
            .build()
            .start();
    ManagedChannel channel = TestTransport.NETTY.channel(server).build();
    Channel intercepted = ClientInterceptors.intercept(channel, gauge.clientInterceptor());
    for (int i = 0; i < calls; i++) {
      ClientCalls.blockingUnaryCall(intercepted, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    }
    channel.shutdownNow();
    server.shutdownNow();
  }

  public static void main(String[] args) throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    StreamgaugeBuilder builder =
        Streamgauge.builder()
            .prometheus(registry)
            .cost(Cost.valueOf(System.getProperty("canary.cost", "FULL")));
    if (args.length > 1) {
      builder.openTelemetry(GlobalOpenTelemetry.get());
    }
    try (Streamgauge gauge = builder.build()) {
      if (args.length > 0) {
        callLate(gauge, 3);
      } else {
        call(gauge, 3);
        call(null, 2);
      }
      StringWriter text = new StringWriter();
      TextFormat.write004(text, registry.metricFamilySamples());
      String port = System.getProperty("otel.exporter.prometheus.port");
      String scraped =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      if (args.length > 0) {
        System.out.println(
            "late: server "
                + both("grpc_server_started_total", text.toString(), scraped)
                + ", client "
                + both("grpc_client_started_total", text.toString(), scraped)
                + ", faults "
                + both("streamgauge_faults_total", text.toString(), scraped));
        return;
      }
      System.out.println(
          "code: in code "
              + started(text.toString())
              + " started, by the agent "
              + started(scraped)
              + " started");
    }
  }

  private static double both(String name, String inCode, String byTheAgent) {
    return TestSeries.parse(inCode).sum(name) + TestSeries.parse(byTheAgent).sum(name);
  }

  /** The same on both sides, or it is not a number. */
  private static double started(String scraped) {
    TestSeries series = TestSeries.parse(scraped);
    double server = series.sum("grpc_server_started_total");
    return series.sum("grpc_client_started_total") == server ? server : Double.NaN;
  }
}
