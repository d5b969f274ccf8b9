package io.streamgauge.console;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.streamgauge.console.trace.TraceForward;
import io.streamgauge.testkit.fixture.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ViewerTest {

  private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN_ID = "b7ad6b7169203331";

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

  @Test
  void anotherEndpointGetsTheSame() throws Exception {
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    other.createContext(
        "/v1/traces",
        exchange -> {
          received.add(exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    other.start();
    viewer.close();
    viewer =
        new Viewer(
            0,
            100,
            new TraceForward("http://127.0.0.1:" + other.getAddress().getPort()),
            List.of());
    viewer.start();
    byte[] body = export();
    assertThat(post(body, "Content-Type", "application/x-protobuf").statusCode()).isEqualTo(200);
    assertThat(Await.next(received)).isEqualTo(body);
    await().until(() -> get("/api/stats").body().contains("\"forwarded\":1"));
    other.stop(0);

    // It is gone: nothing changes here, and that is counted.
    assertThat(post(body, "Content-Type", "application/x-protobuf").statusCode()).isEqualTo(200);
    await().until(() -> get("/api/stats").body().contains("\"forward_dropped\":1"));
  }

  @Test
  void whatIsNoAddressIsRefused() {
    for (String wrong : List.of("127.0.0.1:4318", "ftp://host", "http://", "")) {
      assertThatThrownBy(() -> new TraceForward(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not an http address");
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        request("/v1/traces").POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + viewer.port() + path));
  }

  private static ByteString bytes(String hex) {
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    }
    return ByteString.copyFrom(bytes);
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static byte[] export() {
    long now = System.currentTimeMillis() * 1_000_000;
    Span span =
        Span.newBuilder()
            .setTraceId(bytes(TRACE_ID))
            .setSpanId(bytes(SPAN_ID))
            .setName("ordersync.v1.OrderSync/SyncOrderStatus")
            .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
            .setStartTimeUnixNano(now)
            .setEndTimeUnixNano(now + 5_000_000)
            .addAttributes(attribute("rpc.status_code", "UNAVAILABLE"))
            .setStatus(
                Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR).setMessage("gone"))
            .addLinks(
                Span.Link.newBuilder()
                    .setTraceId(bytes("11111111111111111111111111111111"))
                    .setSpanId(bytes("2222222222222222")))
            .build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder().addAttributes(attribute("service.name", "shop")))
                .addScopeSpans(ScopeSpans.newBuilder().addSpans(span)))
        .build()
        .toByteArray();
  }

  @Test
  void aReceivedSpanIsFoundWithItsLinkAndErrorAsTags() throws Exception {
    assertThat(post(export(), "Content-Type", "application/x-protobuf").statusCode())
        .isEqualTo(200);

    JsonArray trace =
        JsonParser.parseString(get("/zipkin/api/v2/trace/" + TRACE_ID).body()).getAsJsonArray();
    JsonObject span = trace.get(0).getAsJsonObject();
    assertThat(span.get("id").getAsString()).isEqualTo(SPAN_ID);
    assertThat(span.get("kind").getAsString()).isEqualTo("CLIENT");
    assertThat(span.getAsJsonObject("localEndpoint").get("serviceName").getAsString())
        .isEqualTo("shop");
    JsonObject tags = span.getAsJsonObject("tags");
    assertThat(tags.get("link.trace_id").getAsString())
        .isEqualTo("11111111111111111111111111111111");
    assertThat(tags.get("link.span_id").getAsString()).isEqualTo("2222222222222222");
    assertThat(tags.get("error").getAsString()).isEqualTo("gone");
    assertThat(get("/zipkin/api/v2/services").body()).isEqualTo("[\"shop\"]");
    assertThat(get("/zipkin/api/v2/traces?serviceName=shop&limit=10").body()).contains(TRACE_ID);
    assertThat(get("/api/stats").body()).isEqualTo("{\"spans\":1,\"traces\":1}");
  }

  @Test
  void gzipIsAccepted() throws Exception {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(export());
    }

    assertThat(
            post(
                    zipped.toByteArray(),
                    "Content-Type",
                    "application/x-protobuf",
                    "Content-Encoding",
                    "gzip")
                .statusCode())
        .isEqualTo(200);
    assertThat(get("/api/stats").body()).contains("\"spans\":1");
  }

  @Test
  void badBodiesAreRefusedAndTheViewerLivesOn() throws Exception {
    byte[] garbage = {1, 2, 3, 4, 5};
    assertThat(post(garbage, "Content-Type", "application/x-protobuf").statusCode()).isEqualTo(400);
    assertThat(
            post(garbage, "Content-Type", "application/x-protobuf", "Content-Encoding", "gzip")
                .statusCode())
        .isEqualTo(400);
    assertThat(post(garbage, "Content-Type", "application/json").statusCode()).isEqualTo(415);
    assertThat(post(garbage).statusCode()).isEqualTo(415);
    assertThat(
            post(new byte[17 * 1024 * 1024], "Content-Type", "application/x-protobuf").statusCode())
        .isEqualTo(413);

    assertThat(post(export(), "Content-Type", "application/x-protobuf").statusCode())
        .isEqualTo(200);
    assertThat(get("/api/stats").body()).contains("\"spans\":1");
  }

  @Test
  void aSpanWithoutAnIdCostsOnlyItself() throws Exception {
    ExportTraceServiceRequest.Builder two =
        ExportTraceServiceRequest.parseFrom(export()).toBuilder();
    two.getResourceSpansBuilder(0)
        .getScopeSpansBuilder(0)
        .addSpans(Span.newBuilder().setTraceId(ByteString.copyFrom(new byte[16])))
        .addSpans(
            Span.newBuilder()
                .setTraceId(ByteString.copyFrom(new byte[16]))
                .setSpanId(ByteString.copyFrom(new byte[8])));
    assertThat(post(two.build().toByteArray(), "Content-Type", "application/x-protobuf").body())
        .contains("not valid");
    assertThat(get("/api/stats").body()).contains("\"spans\":1");

    two.getResourceSpansBuilder(0).getScopeSpansBuilder(0).removeSpans(0);
    assertThat(
            post(two.build().toByteArray(), "Content-Type", "application/x-protobuf").statusCode())
        .isEqualTo(400);
  }

  @Test
  void theOldestSpansGiveWayAtTheCeiling() throws Exception {
    for (int i = 0; i < 300; i++) {
      ExportTraceServiceRequest one = ExportTraceServiceRequest.parseFrom(export());
      String id = String.format("%032x", i + 1);
      ExportTraceServiceRequest.Builder other = one.toBuilder();
      other
          .getResourceSpansBuilder(0)
          .getScopeSpansBuilder(0)
          .getSpansBuilder(0)
          .setTraceId(bytes(id));
      post(other.build().toByteArray(), "Content-Type", "application/x-protobuf");
    }

    JsonArray traces =
        JsonParser.parseString(get("/zipkin/api/v2/traces?limit=1000").body()).getAsJsonArray();
    assertThat(traces.size()).isLessThanOrEqualTo(100);
    assertThat(get("/api/stats").body()).isEqualTo("{\"spans\":300,\"traces\":300}");
  }

  @Test
  void theTracePageAndItsFilesAreServed() throws Exception {
    assertThat(get("/").body()).contains("<title>Streamgauge</title>");
    assertThat(get("/zipkin").statusCode()).isEqualTo(302);
    assertThat(get("/zipkin/").body()).contains("<div id=\"root\">");
    assertThat(get("/zipkin/traces/" + TRACE_ID).body()).contains("<div id=\"root\">");
    assertThat(get("/zipkin/config.json").body()).contains("queryLimit");
    assertThat(get("/zipkin/api/v2/autocompleteKeys").body()).isEqualTo("[]");
    assertThat(get("/zipkin/api/v2/trace/nothex").statusCode()).isEqualTo(400);
    assertThat(get("/zipkin/api/v2/traces?limit=x").statusCode()).isEqualTo(400);
    assertThat(get("/zipkin/static/js/missing.js").statusCode()).isEqualTo(404);
  }

  @Test
  void whoSpeaksJaegersQueriesFindsTheSame() throws Exception {
    post(export(), "Content-Type", "application/x-protobuf");
    assertThat(get("/api/services").body()).contains("\"data\":[\"");
    String service =
        JsonParser.parseString(get("/api/services").body())
            .getAsJsonObject()
            .getAsJsonArray("data")
            .get(0)
            .getAsString();
    assertThat(get("/api/services/" + service + "/operations").body())
        .contains("ordersync.v1.ordersync/syncorderstatus");

    String found = get("/api/traces?service=" + service + "&minDuration=1ms").body();
    assertThat(found).isEqualTo(get("/api/traces/" + TRACE_ID).body());
    JsonObject trace =
        JsonParser.parseString(found)
            .getAsJsonObject()
            .getAsJsonArray("data")
            .get(0)
            .getAsJsonObject();
    assertThat(trace.get("traceID").getAsString()).isEqualTo(TRACE_ID);
    JsonObject span = trace.getAsJsonArray("spans").get(0).getAsJsonObject();
    assertThat(span.get("spanID").getAsString()).isEqualTo(SPAN_ID);
    assertThat(span.get("duration").getAsLong()).isEqualTo(5_000);
    // The link is a reference again.
    assertThat(span.getAsJsonArray("references").toString()).contains("FOLLOWS_FROM");
    assertThat(span.getAsJsonArray("tags").toString()).contains("rpc.status_code");
    String process = span.get("processID").getAsString();
    assertThat(trace.getAsJsonObject("processes").getAsJsonObject(process).get("serviceName"))
        .hasToString("\"" + service + "\"");

    assertThat(get("/api/traces?service=" + service + "&minDuration=1h").body())
        .contains("\"data\":[]");
    assertThat(get("/api/traces?service=" + service + "&tags=%7B%22no%22%3A%22x%22%7D").body())
        .contains("\"data\":[]");
    for (String wrong :
        List.of(
            "/api/traces",
            "/api/traces?service=x&end=y",
            "/api/traces?service=x&tags=%5B",
            "/api/traces?service=x&minDuration=long")) {
      assertThat(get(wrong).statusCode()).as(wrong).isEqualTo(400);
    }
    assertThat(get("/api/traces/" + "f".repeat(32)).statusCode()).isEqualTo(404);
    assertThat(get("/api/traces/nothex").statusCode()).isEqualTo(404);
  }
}
