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
import io.streamgauge.console.live.LiveEvents;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The live page's server side, with real streams behind it. */
class ConsoleLiveTest {

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final List<Socket> sockets = new ArrayList<>();
  private Streamgauge gauge;
  private Console console;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    gauge = Streamgauge.builder().prometheus(new CollectorRegistry()).build();
    console = Console.builder(gauge).build().start();
    ServerBuilder<?> serverBuilder =
        TestTransport.IN_PROCESS.server().addService(TestService.create());
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.IN_PROCESS.channel(server);
    gauge.install(channelBuilder);
    channel = channelBuilder.build();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    console.stop();
    channel.shutdownNow();
    server.shutdownNow();
    gauge.close();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + console.port() + path))
            .timeout(Duration.ofSeconds(10));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private BufferedReader open(String path) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.port());
    sockets.add(socket);
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  @Test
  void thePageComesWithAStrictPolicyAndItsFilesWithTheirTypes() throws Exception {
    HttpResponse<String> page = get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'")
        .doesNotContain("unsafe");
    assertThat(get("/console/app.js").headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/javascript");
    assertThat(get("/console/uplot/LICENSE").statusCode()).isEqualTo(404);
    assertThat(get("/console/../console/app.js").statusCode()).isEqualTo(404);
  }

  @Test
  void eventsBeginWithTheHistoryAndGoOnWithSamples() throws Exception {
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("one");
    BufferedReader events = open("/events");
    assertThat(events.readLine()).contains("200");
    List<String> seen = new ArrayList<>();
    String data = "";
    for (int samples = 0; samples < 3; ) {
      String line = events.readLine();
      if (line.startsWith("event: ")) {
        seen.add(line.substring(7));
        samples += line.equals("event: sample") ? 1 : 0;
      } else if (line.startsWith("data: {")) {
        data = line.substring(6);
      }
    }
    assertThat(seen.get(0)).isEqualTo("history");
    assertThat(data).contains("\"totals\"");
    call.cancel();
  }

  @Test
  void readersBeyondTheLimitAreTurnedAwayAndPlacesBecomeFree() throws Exception {
    for (int i = 0; i < LiveEvents.MAX_CLIENTS; i++) {
      assertThat(open("/events").readLine()).contains("200");
    }
    BufferedReader refused = open("/events");
    assertThat(refused.readLine()).contains("503");
    assertThat(refused.lines().takeWhile(line -> !line.isEmpty())).contains("Retry-after: 1");
    assertThat(get("/api/live").statusCode()).isEqualTo(200);
    sockets.get(0).close();
    await().until(() -> open("/events").readLine().contains("200"));
  }

  @Test
  void thoseWhoDawdleDoNotStopThePageForOthers() throws Exception {
    for (int i = 0; i < 20; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), console.port());
      sockets.add(socket);
      socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(get("/").statusCode()).isEqualTo(200);
    assertThat(get("/api/live").statusCode()).isEqualTo(200);
  }

  @Test
  void markupInALabelIsEscapedAndAFilterThatIsNoneIsRefused() throws Exception {
    assertThat(get("/api/streams?method=Bidi&side=client").statusCode()).isEqualTo(200);
    HttpResponse<String> wrong = get("/api/streams?color=%3Cb%3E");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("color").doesNotContain("<");
    assertThat(get("/api/live/../../x").statusCode()).isEqualTo(404);
  }

  /** Each filter is a call deeper for each stream. */
  @Test
  void aFilterIsGivenOnce() throws Exception {
    TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    await().until(() -> get("/api/streams").body().contains("\"open\":2"));
    assertThat(get("/api/streams?" + "side=client&".repeat(25_000)).statusCode()).isEqualTo(414);
    assertThat(get("/api/streams?side=client&side=client").statusCode()).isEqualTo(400);
    call.cancel();
  }

  @Test
  void aConsoleOnAnotherAddressNeedsATokenAndAsksForIt() throws Exception {
    InetAddress any = InetAddress.getByName("0.0.0.0");
    assertThatThrownBy(() -> Console.builder(gauge).host(any).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("token");
    assertThatThrownBy(() -> Console.builder(gauge).token(" "))
        .isInstanceOf(IllegalArgumentException.class);

    console.stop();
    InetAddress loopback = InetAddress.getLoopbackAddress();
    console = Console.builder(gauge).host(loopback).token("s3cret").build().start();
    assertThat(get("/").statusCode()).isEqualTo(200);
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    for (String path : List.of("/api/streams", "/api/live", "/events", "/metrics", "/api/config")) {
      HttpResponse<String> stranger = get(path);
      assertThat(stranger.statusCode()).as(path).isEqualTo(401);
      assertThat(stranger.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
      assertThat(get(path, "Authorization", "Bearer wrong").statusCode()).isEqualTo(401);
    }
    assertThat(get("/api/streams", "Authorization", "Bearer s3cret").statusCode()).isEqualTo(200);
  }

  /** Totals are of all, rows of the worst, and the document stays small. */
  @Test
  void tenThousandStreamsAreCountedExactlyInASmallDocument() throws Exception {
    int calls = 5_000;
    List<TestCall> open = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
      call.send("one");
      open.add(call);
    }
    await().until(() -> open.stream().allMatch(call -> call.received() == 1));
    HttpResponse<String> answer = get("/api/streams");
    JsonObject page = JsonParser.parseString(answer.body()).getAsJsonObject();
    assertThat(page.get("open").getAsInt()).isEqualTo(2 * calls);
    assertThat(page.getAsJsonObject("totals").get("msg_sent").getAsLong()).isEqualTo(2L * calls);
    assertThat(page.getAsJsonArray("streams")).hasSize(200);
    assertThat(answer.body().length()).isLessThan(200 * 1024);
    await()
        .until(
            () ->
                JsonParser.parseString(get("/api/live").body())
                        .getAsJsonObject()
                        .getAsJsonObject("totals")
                        .get("open")
                        .getAsInt()
                    == 2 * calls);
    assertThat(get("/api/live").body().length()).isLessThan(200 * 1024);

    for (TestCall call : open) {
      call.halfClose();
    }
    await()
        .untilAsserted(
            () -> {
              JsonObject totals =
                  JsonParser.parseString(get("/api/streams").body())
                      .getAsJsonObject()
                      .getAsJsonObject("totals");
              assertThat(totals.get("open").getAsInt()).isZero();
              assertThat(totals.get("ended").getAsInt()).isEqualTo(2 * calls);
              // What ended streams sent is not forgotten.
              assertThat(totals.get("msg_sent").getAsLong()).isGreaterThanOrEqualTo(2L * calls);
            });
  }
}
