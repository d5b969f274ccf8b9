package io.streamgauge.javaagent;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An application that looks at its own console port with a stream open. */
final class ConsoleCanary {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int PORT = Integer.getInteger("streamgauge.console.port");
  private static final String AT = "http://127.0.0.1:" + PORT;

  private ConsoleCanary() {}

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String streams() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(AT + "/api/streams"))).body();
  }

  private static Socket open(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), PORT);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String statusFor(String host) throws IOException {
    try (Socket socket =
        open("GET /api/streams HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")) {
      byte[] answer = socket.getInputStream().readAllBytes();
      return new String(answer, StandardCharsets.US_ASCII).substring(9, 12);
    }
  }

  /** More requests that never end than there are threads. */
  private static int whileOthersDawdle() throws IOException, InterruptedException {
    List<Socket> dawdling = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      dawdling.add(open("GET / HT"));
    }
    int status = send(HttpRequest.newBuilder(URI.create(AT + "/api/streams"))).statusCode();
    for (Socket each : dawdling) {
      each.close();
    }
    return status;
  }

  public static void main(String[] args) throws Exception {
    System.out.println("before: " + streams());
    Server server = TestTransport.NETTY.server().addService(TestService.create()).build().start();
    ManagedChannel channel = TestTransport.NETTY.channel(server).build();
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("hello");
    Await.await().until(() -> call.received() == 1);
    System.out.println("during: " + streams());
    int missing = send(HttpRequest.newBuilder(URI.create(AT + "/secret"))).statusCode();
    int posted =
        send(HttpRequest.newBuilder(URI.create(AT + "/api/streams"))
                .POST(HttpRequest.BodyPublishers.noBody()))
            .statusCode();
    System.out.println("elsewhere: " + missing + " " + posted);
    System.out.println(
        "hosts: "
            + statusFor("localhost")
            + " "
            + statusFor("[::1]:80")
            + " "
            + statusFor("evil.com")
            + " "
            + statusFor("[::1].evil.com"));
    System.out.println("while others dawdle: " + whileOthersDawdle());
    call.cancel();
    call.awaitEnd();
    channel.shutdownNow();
    server.shutdownNow();
  }
}
