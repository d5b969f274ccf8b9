package io.streamgauge.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is odd, too much or too long, one request at a time: what it is answered with. */
class ViewerLimitsTest {

  private static final long SHOWN = 0xabcdef;
  private static final String ID = "abcdef";

  private final HttpClient http = HttpClient.newHttpClient();
  private Viewer viewer;

  @BeforeEach
  void start() throws IOException {
    viewer = new Viewer(0, 100, null, List.of());
    viewer.start();
  }

  @AfterEach
  void stop() {
    viewer.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        request("/v1/traces").POST(HttpRequest.BodyPublishers.ofByteArray(body)).headers(headers);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + viewer.port() + path));
  }

  /** Members that arrive one by one are one body, and what is behind them is read as well. */
  @Test
  void aBodyOfSeveralGzipMembersIsReadToItsEnd() throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 1; i <= 20; i++) {
      ResourceSpans.Builder spans =
          OtlpBodies.of("shop", OtlpBodies.span(i, "x".repeat(10_000) + i));
      body.writeBytes(OtlpBodies.gzip(OtlpBodies.request(spans)));
    }
    HttpRequest.Builder parts =
        request("/v1/traces")
            .headers("Content-Type", "application/x-protobuf", "Content-Encoding", "gzip")
            .POST(HttpRequest.BodyPublishers.ofByteArrays(bytesOneByOne(body)));
    assertThat(http.send(parts.build(), HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(200);
    assertThat(get("/api/stats").body()).contains("\"spans\":20");
  }

  private static List<byte[]> bytesOneByOne(ByteArrayOutputStream body) {
    List<byte[]> each = new ArrayList<>();
    for (byte one : body.toByteArray()) {
      each.add(new byte[] {one});
    }
    return each;
  }

  @Test
  void whatIsRefusedIsCounted() throws Exception {
    assertThat(get("/api/stats").body()).doesNotContain("refused");
    byte[] many = OtlpBodies.gzip(OtlpBodies.inScope(OtlpBodies.emptyFields(2)));
    HttpResponse<String> answer =
        post(many, "Content-Type", "application/x-protobuf", "Content-Encoding", "gzip");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).isEqualTo("more than 16384 spans in a request\n");
    post(new byte[] {1, 2, 3}, "Content-Type", "application/x-protobuf");
    byte[] span =
        OtlpBodies.request(
            OtlpBodies.of(
                "shop",
                OtlpBodies.span(1, "x".repeat(20_000)),
                OtlpBodies.span(2, "late").setStartTimeUnixNano(Long.MAX_VALUE)));
    assertThat(post(span, "Content-Type", "application/x-protobuf").body())
        .contains("start is more than a day from now");
    assertThat(get("/zipkin/" + "a.".repeat(10_000)).statusCode()).isEqualTo(414);
    assertThat(JsonParser.parseString(get("/api/stats").body()).getAsJsonObject().get("refused"))
        .isEqualTo(
            JsonParser.parseString(
                "{\"too_large\":2,\"unreadable\":1,\"spans\":1,\"texts_cut\":1}"));
  }

  /** Its own pattern for names of files goes a call deeper with each dot. */
  @Test
  void aLongPathIsNoFault() throws Exception {
    assertThat(get("/zipkin/" + "a.".repeat(100_000) + "js").statusCode()).isEqualTo(414);
    assertThat(get("/zipkin/" + "a.".repeat(4_000) + "js").body()).contains("<div id=\"root\">");
    assertThat(get("/api/stats").body()).doesNotContain("fault");
  }

  @Test
  void aNumberBeyondAllLimitsIsTheLargestThereIs() throws Exception {
    post(
        OtlpBodies.request(OtlpBodies.of("shop", OtlpBodies.span(SHOWN, "Pay"))),
        "Content-Type",
        "application/x-protobuf");
    for (String limit : List.of("2147483648", "9223372036854775807")) {
      assertThat(get("/zipkin/api/v2/traces?limit=" + limit).body()).contains(ID);
      assertThat(get("/api/traces?service=shop&limit=" + limit).body()).contains(ID);
    }
    for (String limit : List.of("0", "-1", "9223372036854775808")) {
      assertThat(get("/zipkin/api/v2/traces?limit=" + limit).statusCode()).isEqualTo(400);
    }
    String far = "9223372036854775807";
    for (String query :
        List.of(
            "/zipkin/api/v2/traces?lookback=" + far,
            "/zipkin/api/v2/traces?endTs=" + far + "&lookback=" + far,
            "/api/traces?service=shop&start=-" + far,
            "/api/traces?service=shop&start=0&end=" + far)) {
      assertThat(get(query).body()).as(query).contains(ID);
    }
    assertThat(get("/zipkin/api/v2/dependencies?endTs=1&lookback=-1").statusCode()).isEqualTo(400);
  }

  /** Spans that are each other's parents, or their own. */
  @Test
  void aRingOfSpansIsShownAsItCame() throws Exception {
    byte[] ring =
        OtlpBodies.request(
            OtlpBodies.of(
                "shop",
                OtlpBodies.span(1, "a").setParentSpanId(OtlpBodies.id(8, 2)),
                OtlpBodies.span(2, "b")
                    .setTraceId(OtlpBodies.id(16, 1))
                    .setParentSpanId(OtlpBodies.id(8, 1)),
                OtlpBodies.span(3, "c").setParentSpanId(OtlpBodies.id(8, 3))));
    assertThat(post(ring, "Content-Type", "application/x-protobuf").statusCode()).isEqualTo(200);
    long end = System.currentTimeMillis() + 1_000;
    assertThat(get("/zipkin/api/v2/dependencies?endTs=" + end).statusCode()).isEqualTo(200);
    assertThat(JsonParser.parseString(get("/zipkin/api/v2/traces?limit=9").body()).getAsJsonArray())
        .hasSize(2);
    assertThat(get("/api/traces?service=shop").statusCode()).isEqualTo(200);
  }
}
