package io.streamgauge.javaagent;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;

/** An application that looks at its own console port with a stream open. */
final class ConsoleCanary {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String AT =
      "http://127.0.0.1:" + System.getProperty("streamgauge.console.port");

  private ConsoleCanary() {}

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String streams() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(AT + "/api/streams"))).body();
  }

  public static void main(String[] args) throws Exception {
    System.out.println("before: " + streams());
    Server server = TestTransport.NETTY.server().addService(TestService.create()).build().start();
    ManagedChannel channel = TestTransport.NETTY.channel(server).build();
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("hello");
    for (int i = 0; i < 400 && call.received() < 1; i++) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    System.out.println("during: " + streams());
    int missing = send(HttpRequest.newBuilder(URI.create(AT + "/secret"))).statusCode();
    int posted =
        send(HttpRequest.newBuilder(URI.create(AT + "/api/streams"))
                .POST(HttpRequest.BodyPublishers.noBody()))
            .statusCode();
    System.out.println("elsewhere: " + missing + " " + posted);
    call.cancel();
    call.awaitEnd();
    channel.shutdownNow();
    server.shutdownNow();
  }
}
