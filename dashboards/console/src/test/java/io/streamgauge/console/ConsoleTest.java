package io.streamgauge.console;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConsoleTest {

  private final CollectorRegistry registry = new CollectorRegistry();
  private final HttpClient http = HttpClient.newHttpClient();
  private Streamgauge gauge;
  private Console console;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    gauge = Streamgauge.builder().prometheus(registry).build();
    console = Console.builder(gauge).registry(registry).build().start();
    ServerBuilder<?> serverBuilder =
        TestTransport.NETTY_SHADED.server().addService(TestService.create());
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
    gauge.install(channelBuilder);
    channel = channelBuilder.build();
  }

  @Test
  void aConsoleStartsOnce() {
    assertThatThrownBy(console::start).isInstanceOf(IllegalStateException.class);
  }

  @AfterEach
  void stop() {
    console.stop();
    channel.shutdownNow();
    server.shutdownNow();
    gauge.close();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + console.port() + path));
  }

  @Test
  void anOpenStreamIsListedWhileItLives() throws Exception {
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("one");
    call.send("two");
    await().until(() -> call.received() == 2);

    JsonObject answer = JsonParser.parseString(send(to("/api/streams")).body()).getAsJsonObject();
    assertThat(answer.get("open").getAsInt()).isEqualTo(2);
    JsonObject client = null;
    for (var element : answer.getAsJsonArray("streams")) {
      if (element.getAsJsonObject().get("side").getAsString().equals("client")) {
        client = element.getAsJsonObject();
      }
    }
    assertThat(client).isNotNull();
    assertThat(client.get("grpc_type").getAsString()).isEqualTo("bidi_stream");
    assertThat(client.get("msg_sent").getAsLong()).isEqualTo(2);
    assertThat(client.getAsJsonObject("depth").keySet())
        .containsExactly("connect", "stream_limit", "executor", "handler");

    call.cancel();
    await()
        .untilAsserted(
            () ->
                assertThat(
                        JsonParser.parseString(send(to("/api/streams")).body())
                            .getAsJsonObject()
                            .get("open")
                            .getAsInt())
                    .isZero());
  }

  @Test
  void metricsComeAsTextOrOpenMetricsByTheAcceptHeader() throws Exception {
    gauge.preregister(TestMethods.DESCRIPTOR);

    HttpResponse<String> text = send(to("/metrics"));
    assertThat(text.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(text.body()).contains("# TYPE grpc_server_started_total counter");

    HttpResponse<String> open =
        send(to("/metrics").header("Accept", "application/openmetrics-text; version=1.0.0"));
    assertThat(open.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/openmetrics-text");
    assertThat(open.body()).contains("# TYPE grpc_server_started counter").endsWith("# EOF\n");
  }

  @Test
  void whatIsNotServedIsRefusedWithTheRightStatus() throws Exception {
    assertThat(send(to("/nothing")).statusCode()).isEqualTo(404);
    assertThat(send(to("/metrics").POST(HttpRequest.BodyPublishers.ofString("x"))).statusCode())
        .isEqualTo(405);
    assertThat(send(to("/../etc/passwd")).statusCode()).isEqualTo(404);
    assertThat(send(to("/healthz")).body()).isEqualTo("ok\n");
  }

  @Test
  void aForeignHostIsRefused() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", console.port())) {
      socket
          .getOutputStream()
          .write(
              "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 421");
    }
  }

  @Test
  void aTakenPortIsAnErrorAtBuildTime() {
    assertThatThrownBy(() -> Console.builder(gauge).port(console.port()).build())
        .isInstanceOf(IOException.class);
  }
}
