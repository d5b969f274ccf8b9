package io.streamgauge.compat.jaeger;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.streamgauge.JaegerWatch;
import io.streamgauge.compat.jaeger.JaegerTrace.JaegerSpan;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestJvm;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The viewer's Jaeger API beside the real one, for the same spans. What differs is said here, and
 * in docs/console.md.
 */
class ViewerApiIT {

  /** Of the instrumentation scope; the viewer's store does not keep it. */
  private static final Set<String> NOT_KEPT = Set.of("otel.scope.name", "otel.scope.version");

  private static Jaeger jaeger;
  private static Process viewer;
  private static String url;
  private static Observed observed;
  private static List<SpanData> sent;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    jaeger = Jaeger.start(directory);
    int port = TestJvm.freePort();
    url = "http://127.0.0.1:" + port;
    Path log = directory.resolve("viewer.log");
    viewer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("viewer.jar"),
                "--port=" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await(viewer, log).until(() -> Files.readString(log).contains(String.valueOf(port)));
    JaegerWatch watch = new JaegerWatch();
    observed = new Observed(List.of(jaeger.otlp(), url), watch::on, TestService.create());
    TestCall call = TestCall.start(observed.channel, TestMethods.BIDI, CallOptions.DEFAULT);
    for (int i = 1; i <= 130; i++) {
      call.send("tick");
      int expected = i;
      await().until(() -> call.received() == expected);
      watch.pass(observed.clientGauge, 30);
      watch.pass(observed.serverGauge, 0);
    }
    call.halfClose();
    call.awaitEnd();
    for (String request : List.of("a", "fail:NOT_FOUND", "fail:INTERNAL", "fail:UNAVAILABLE")) {
      try {
        ClientCalls.blockingUnaryCall(
            observed.channel, TestMethods.UNARY, CallOptions.DEFAULT, request);
      } catch (StatusRuntimeException e) {
        assertThat(request).startsWith("fail:");
      }
    }
    int all = 2 * (1 + 1 + 130 + 1 + 1) + 2 * 4;
    await().until(() -> observed.flushed().size() == all);
    sent = observed.flushed();
    await().until(() -> traces().stream().mapToInt(id -> jaeger.spans(id)).sum() == all);
  }

  @AfterAll
  static void stop() throws Exception {
    if (observed != null) {
      observed.close();
    }
    if (viewer != null) {
      viewer.destroyForcibly().waitFor();
    }
    if (jaeger != null) {
      jaeger.close();
    }
  }

  private static Set<String> traces() {
    Set<String> ids = new TreeSet<>();
    sent.forEach(span -> ids.add(span.getTraceId()));
    return ids;
  }

  private static JsonElement asked(String of, String path, String... parameters) {
    Map<String, String> map = new TreeMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      map.put(parameters[i], parameters[i + 1]);
    }
    return jaeger.get(of, path, map);
  }

  private static Set<String> strings(String of, String path) {
    Set<String> strings = new TreeSet<>();
    asked(of, path)
        .getAsJsonObject()
        .getAsJsonArray("data")
        .forEach(each -> strings.add(each.getAsString()));
    return strings;
  }

  /** With the envelope; neither API promises an order. */
  @Test
  void services() {
    assertThat(strings(url, "/api/services")).isEqualTo(strings(jaeger.url(), "/api/services"));
    assertThat(asked(url, "/api/services").getAsJsonObject().keySet())
        .isEqualTo(asked(jaeger.url(), "/api/services").getAsJsonObject().keySet());
  }

  /** The viewer's store has names in lower case. */
  @Test
  void operations() {
    for (String service : List.of(Observed.CLIENT, Observed.SERVER)) {
      String path = "/api/services/" + service + "/operations";
      Set<String> lower = new TreeSet<>();
      strings(jaeger.url(), path).forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
      assertThat(strings(url, path)).isEqualTo(lower);
    }
  }

  @Test
  void tracesById() {
    for (String id : traces()) {
      JaegerTrace ours = trace(url, id);
      JaegerTrace theirs = trace(jaeger.url(), id);
      assertThat(ours.spans()).hasSameSizeAs(theirs.spans());
      for (JaegerSpan span : theirs.spans()) {
        assertSame(ours.span(span.id()), span);
      }
    }
  }

  /** Envelope, trace, span and process have the same fields, and the envelope the same values. */
  @Test
  void fields() {
    String path = "/api/traces/" + traces().iterator().next();
    JsonObject ours = asked(url, path).getAsJsonObject();
    JsonObject theirs = asked(jaeger.url(), path).getAsJsonObject();
    for (String field : theirs.keySet()) {
      if (!field.equals("data")) {
        assertThat(ours.get(field)).as(field).isEqualTo(theirs.get(field));
      }
    }
    JsonObject ourTrace = ours.getAsJsonArray("data").get(0).getAsJsonObject();
    JsonObject theirTrace = theirs.getAsJsonArray("data").get(0).getAsJsonObject();
    assertThat(ourTrace.keySet()).isEqualTo(theirTrace.keySet());
    for (String part : List.of("spans", "processes")) {
      assertThat(first(ourTrace.get(part)).keySet())
          .as(part)
          .isEqualTo(first(theirTrace.get(part)).keySet());
    }
  }

  private static JsonObject first(JsonElement of) {
    return of.isJsonArray()
        ? of.getAsJsonArray().get(0).getAsJsonObject()
        : of.getAsJsonObject().entrySet().iterator().next().getValue().getAsJsonObject();
  }

  private static JaegerTrace trace(String of, String id) {
    return JaegerTrace.of(
        asked(of, "/api/traces/" + id)
            .getAsJsonObject()
            .getAsJsonArray("data")
            .get(0)
            .getAsJsonObject());
  }

  /** Values are texts in the viewer; Jaeger's have types, which its pages do not show. */
  private static void assertSame(JaegerSpan ours, JaegerSpan theirs) {
    assertThat(ours.operation()).isEqualTo(theirs.operation());
    assertThat(ours.service()).isEqualTo(theirs.service());
    assertThat(ours.parent()).isEqualTo(theirs.parent());
    assertThat(ours.links()).containsExactlyElementsOf(theirs.links());
    assertThat(ours.start()).isEqualTo(theirs.start());
    assertThat(ours.duration()).isEqualTo(theirs.duration());
    assertThat(texts(ours)).isEqualTo(texts(theirs));
  }

  private static Map<String, String> texts(JaegerSpan span) {
    Map<String, String> texts = new TreeMap<>();
    span.tags()
        .forEach(
            (key, value) -> {
              if (!NOT_KEPT.contains(key)) {
                // A whole number with a fraction: Go's JSON leaves it out.
                texts.put(key, value.getAsString().replaceFirst("^(-?\\d+)\\.0$", "$1"));
              }
            });
    return texts;
  }

  private static Set<String> found(String of, String... parameters) {
    return ids(of, "/api/traces", parameters);
  }

  private static Set<String> ids(String of, String path, String... parameters) {
    Set<String> ids = new TreeSet<>();
    asked(of, path, parameters)
        .getAsJsonObject()
        .getAsJsonArray("data")
        .forEach(each -> ids.add(each.getAsJsonObject().get("traceID").getAsString()));
    return ids;
  }

  @Test
  void searches() {
    String bidi = TestMethods.BIDI.getFullMethodName();
    String start = String.valueOf((System.currentTimeMillis() - 86_400_000L) * 1_000);
    String end = String.valueOf((System.currentTimeMillis() + 43_200_000L) * 1_000);
    List<List<String>> asked = new ArrayList<>();
    asked.add(List.of("service", Observed.CLIENT));
    asked.add(List.of("service", Observed.SERVER, "operation", bidi + " checkpoint"));
    asked.add(List.of("service", Observed.SERVER, "operation", bidi));
    asked.add(List.of("service", Observed.CLIENT, "tags", "{\"error.type\":\"INTERNAL\"}"));
    asked.add(List.of("service", Observed.CLIENT, "tags", "{\"rpc.status_code\":\"INTERNAL\"}"));
    asked.add(List.of("service", Observed.SERVER, "tags", "{\"streamgauge.stream.id\":\"1\"}"));
    asked.add(List.of("service", Observed.SERVER, "minDuration", "20s"));
    asked.add(List.of("service", "unheard-of"));
    for (List<String> each : asked) {
      List<String> all = new ArrayList<>(each);
      all.addAll(List.of("limit", "100", "start", start, "end", end));
      String[] parameters = all.toArray(new String[0]);
      assertThat(found(url, parameters)).as("%s", each).isEqualTo(found(jaeger.url(), parameters));
    }
  }

  /** Jaeger's memory compares the text with a boolean, and finds none of these. */
  @Test
  void errors() {
    String service = Observed.CLIENT;
    Set<String> failed = new TreeSet<>();
    for (String type : List.of("NOT_FOUND", "INTERNAL", "UNAVAILABLE")) {
      failed.addAll(found(jaeger.url(), "service", service, "tags", tag("error.type", type)));
    }
    assertThat(failed).hasSize(3);
    assertThat(found(url, "service", service, "tags", tag("error", "true"))).isEqualTo(failed);
  }

  private static String tag(String key, String value) {
    JsonObject tags = new JsonObject();
    tags.addProperty(key, value);
    return tags.toString();
  }

  /** As Jaeger's page compares two. */
  @Test
  void someTracesById() {
    List<String> ids = new ArrayList<>(traces());
    String path = "/api/traces?traceID=" + ids.get(0) + "&traceID=" + ids.get(1);
    assertThat(ids(url, path))
        .isEqualTo(ids(jaeger.url(), path))
        .containsExactlyInAnyOrder(ids.get(0), ids.get(1));
  }

  @Test
  void whatIsNotThere() {
    String path = "/api/traces/0af7651916cd43dd8448eb211c80319c";
    assertThat(asked(url, path)).isNull();
    assertThat(asked(jaeger.url(), path)).isNull();
    JsonObject empty = asked(url, "/api/traces", "service", "unheard-of").getAsJsonObject();
    assertThat(empty.getAsJsonArray("data")).isEmpty();
  }
}
