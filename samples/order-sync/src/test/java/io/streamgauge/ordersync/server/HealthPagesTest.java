package io.streamgauge.ordersync.server;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.telemetry.InCode;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who may ask the health port for what; requests byte by byte, as a browser may be made to send.
 */
class HealthPagesTest {

  private static final String TOKEN = "Authorization: Bearer secret\r\n";

  @TempDir Path directory;

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private Path tokens;
  private ServerRig rig;
  private ManagedChannel channel;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    tokens = Files.writeString(directory.resolve("tokens"), "secret\n");
    rig = ServerRig.start(attachment, new HeldStore(), 0, () -> FlowLimits.DEFAULT, tokens);
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.server().port()))
            .usePlaintext()
            .build();
    client = stream("a b+c/d");
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    rig.close();
    attachment.close();
  }

  /** An open stream of a client with that name. */
  private TestClient stream(String name) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer secret");
    TestClient opened = new TestClient();
    OrderSyncGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .syncOrderStatus(opened);
    opened.send(name, 1, 1);
    await().until(() -> opened.acks.size() == 1);
    return opened;
  }

  /** What the port answers to a request line and header lines. */
  private String ask(String request, String headers) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.server().healthPort())) {
      String text = request + " HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String host(String value) {
    return "Host: " + value + "\r\n";
  }

  private void assertRefused(int status, String answer) {
    assertThat(answer).startsWith("HTTP/1.1 " + status);
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    assertThat(body.strip().lines()).as("one clear line").hasSize(1);
    assertThat(body).doesNotContain("a b+c/d");
    assertThat(client.ended).as("the stream lives on").isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.com",
        "evil.com:80",
        "localhost.evil.com",
        "127.0.0.1.evil.com",
        "[::1].evil.com",
        "[::1]evil.com",
        "[::1]:80.evil.com",
        "[::1]@evil.com",
        "localhost@evil.com",
        "localhost:80@evil.com",
        "127.0.0.256",
        "128.0.0.1",
        "[::2]",
        "[",
        "",
        "0.0.0.0"
      })
  void aForeignHostIsRefused(String host) throws Exception {
    for (String request :
        new String[] {
          "DELETE /streams/a%20b+c%2Fd", "GET /streams", "GET /readyz", "GET /healthz"
        }) {
      assertRefused(403, ask(request, host(host) + TOKEN));
    }
  }

  @Test
  void aRequestWithoutAHostOrWithTwoIsRefused() throws Exception {
    assertRefused(403, ask("DELETE /streams/a%20b+c%2Fd", TOKEN));
    assertRefused(
        403, ask("DELETE /streams/a%20b+c%2Fd", host("localhost") + host("evil.com") + TOKEN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost:9480",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.1.2.3:65535",
        "[::1]",
        "[::1]:9480",
        "[0:0:0:0:0:0:0:1]:9480"
      })
  void aLoopbackHostIsServed(String host) throws Exception {
    assertThat(ask("GET /healthz", host(host))).startsWith("HTTP/1.1 200");
    assertThat(ask("GET /readyz", host(host))).startsWith("HTTP/1.1 200");
    assertThat(ask("GET /streams", host(host) + TOKEN))
        .startsWith("HTTP/1.1 200")
        .contains("a b+c/d");
  }

  @Test
  void whatShowsOrEndsStreamsNeedsTheStreamsToken() throws Exception {
    for (String request :
        new String[] {"DELETE /streams/a%20b+c%2Fd", "GET /streams", "POST /streams/x"}) {
      for (String token :
          new String[] {
            "",
            "Authorization: Bearer other\r\n",
            "Authorization: Basic secret\r\n",
            "Authorization: Bearer\r\n"
          }) {
        String answer = ask(request, host("localhost") + token);
        assertRefused(401, answer);
        assertThat(answer).containsIgnoringCase("WWW-Authenticate: Bearer");
      }
    }
    Files.writeString(tokens, "next\n");
    assertRefused(401, ask("DELETE /streams/a%20b+c%2Fd", host("localhost") + TOKEN));
    Files.delete(tokens);
    assertRefused(503, ask("DELETE /streams/a%20b+c%2Fd", host("localhost") + TOKEN));
    Files.writeString(tokens, "secret\n");

    assertThat(ask("DELETE /streams/a%20b+c%2Fd", host("localhost") + TOKEN))
        .startsWith("HTTP/1.1 200");
    await().until(() -> client.ended != null);
  }
}
