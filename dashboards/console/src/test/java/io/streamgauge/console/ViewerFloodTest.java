package io.streamgauge.console;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Much more than fits into 64 MB, in decent pieces: what is old gives way, and nothing else. */
class ViewerFloodTest {

  private static final int BATCH = 500;

  private interface Batch {
    ResourceSpans.Builder[] of(long first);
  }

  private ViewerProcess viewer;

  @AfterEach
  void stop() throws Exception {
    viewer.close();
  }

  private static ResourceSpans.Builder[] each(long first, String service, String name) {
    Span.Builder[] spans = new Span.Builder[BATCH];
    for (int i = 0; i < BATCH; i++) {
      spans[i] = OtlpBodies.span(first + i, name + (first + i));
    }
    return new ResourceSpans.Builder[] {OtlpBodies.of(service, spans)};
  }

  private static ResourceSpans.Builder[] services(long first) {
    ResourceSpans.Builder[] all = new ResourceSpans.Builder[BATCH];
    for (int i = 0; i < BATCH; i++) {
      all[i] = OtlpBodies.of("service-" + (first + i), OtlpBodies.span(first + i, "get"));
    }
    return all;
  }

  private static ResourceSpans.Builder[] heavy(long first) {
    Span.Builder[] spans = new Span.Builder[BATCH / 50];
    for (int i = 0; i < spans.length; i++) {
      spans[i] = OtlpBodies.span(first + i, "get");
      for (int j = 0; j < 12; j++) {
        // What needs most as JSON.
        spans[i].addAttributes(OtlpBodies.attribute("k" + j, "\"".repeat(16_000)));
      }
    }
    return new ResourceSpans.Builder[] {OtlpBodies.of("heavy", spans)};
  }

  private static ResourceSpans.Builder[] oneTrace(long first) {
    ResourceSpans.Builder[] batch = each(first, "shop", "step-");
    batch[0]
        .getScopeSpansBuilder(0)
        .getSpansBuilderList()
        .forEach(span -> span.setTraceId(OtlpBodies.id(16, 5)));
    return batch;
  }

  private void flood(int batches, Batch batch) throws Exception {
    for (int i = 0; i < batches; i++) {
      byte[] body = OtlpBodies.request(batch.of(1_000L + (long) i * BATCH));
      int status = viewer.post(body).statusCode();
      assertThat(status).as("batch " + i).isEqualTo(200);
    }
    byte[] last = OtlpBodies.request(OtlpBodies.of("shop", OtlpBodies.span(77, "Pay")));
    assertThat(viewer.post(last).statusCode()).isEqualTo(200);
    assertThat(viewer.get("/zipkin/api/v2/trace/" + "0".repeat(30) + "4d").body()).contains("pay");
  }

  @Test
  @Tag("soak")
  void whateverThereIsMuchOfTheViewerGoesOn() throws Exception {
    viewer = new ViewerProcess();
    flood(200, first -> each(first, "shop", "get /order/"));
    flood(200, ViewerFloodTest::services);
    flood(60, ViewerFloodTest::heavy);
    flood(200, ViewerFloodTest::oneTrace);
    assertThat(viewer.get("/api/stats").body()).contains("\"services\":");
    assertThat(viewer.log()).doesNotContain("Exception in thread");
  }

  /** They ask for as much as there is, and do not read it. */
  @Test
  @Tag("soak")
  void readersThatDoNotReadHoldLittle() throws Exception {
    viewer = new ViewerProcess();
    flood(60, first -> each(first, "shop", "get /order/"));
    flood(60, ViewerFloodTest::services);
    flood(20, ViewerFloodTest::heavy);
    String script = viewer.get("/zipkin/").body().replaceFirst("(?s).*(static/js/[^\"]+).*", "$1");
    List<Socket> sockets = new ArrayList<>();
    for (String path :
        List.of(
            "/zipkin/api/v2/traces?limit=2147483647",
            "/zipkin/api/v2/dependencies",
            "/zipkin/api/v2/spans?serviceName=shop",
            "/api/traces?service=heavy&limit=1500",
            "/zipkin/" + script,
            "/events")) {
      for (int i = 0; i < 24; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), viewer.port());
        sockets.add(socket);
        socket
            .getOutputStream()
            .write(
                ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
      }
      await().until(() -> viewer.get("/healthz").statusCode() == 200);
    }
    for (Socket socket : sockets) {
      socket.close();
    }
    await().until(() -> viewer.get("/zipkin/api/v2/traces?limit=1500").statusCode() == 200);
    assertThat(
            JsonParser.parseString(viewer.get("/api/stats").body())
                .getAsJsonObject()
                .getAsJsonObject("refused")
                .get("busy")
                .getAsInt())
        .isPositive();
    assertThat(viewer.log()).doesNotContain("Exception in thread");
  }

  /** The other endpoint accepts connections and never reads. */
  @Test
  void whatWaitsToBeForwardedIsHeldWithinTheHeapAsWell() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      viewer = new ViewerProcess("--forward", "http://127.0.0.1:" + other.getLocalPort());
      flood(60, ViewerFloodTest::heavy);
      assertThat(viewer.get("/api/stats").body()).contains("\"forward_dropped\":");
      assertThat(viewer.log()).doesNotContain("Exception in thread");
    }
  }

  /** A page of streams that is none, a hundred times as large as one may be. */
  @Test
  void aTargetThatAnswersTooMuchIsDownAndNoMore() throws Exception {
    try (ServerSocket target = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> answer(target), "target");
      answering.setDaemon(true);
      answering.start();
      viewer = new ViewerProcess("--target", "http://127.0.0.1:" + target.getLocalPort());
      await().until(() -> viewer.get("/api/live").body().contains("answers with more than"));
      assertThat(viewer.get("/healthz").statusCode()).isEqualTo(200);
      assertThat(viewer.log()).doesNotContain("Exception in thread");
    }
  }

  private static void answer(ServerSocket target) {
    byte[] rows = "{},".repeat(1_300_000).getBytes(StandardCharsets.US_ASCII);
    while (!target.isClosed()) {
      try (Socket socket = target.accept()) {
        socket.getInputStream().read(new byte[4_096]);
        String head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"streams\":[";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(rows);
        socket.getOutputStream().write("{}]}".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // The viewer has read enough, or the test is over.
      }
    }
  }
}
