package io.streamgauge.javaagent;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.Streamgauge;
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

  public static void main(String[] args) throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    try (Streamgauge gauge = Streamgauge.builder().prometheus(registry).build()) {
      call(gauge, 3);
      call(null, 2);
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
      System.out.println(
          "code: in code "
              + started(text.toString())
              + " started, by the agent "
              + started(scraped)
              + " started");
    }
  }

  /** The same on both sides, or it is not a number. */
  private static double started(String scraped) {
    TestSeries series = TestSeries.parse(scraped);
    double server = series.sum("grpc_server_started_total");
    return series.sum("grpc_client_started_total") == server ? server : Double.NaN;
  }
}
