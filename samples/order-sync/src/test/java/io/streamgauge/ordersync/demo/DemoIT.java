package io.streamgauge.ordersync.demo;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.streamgauge.ordersync.rig.Pages;
import io.streamgauge.ordersync.rig.Scrape;
import io.streamgauge.testkit.fixture.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packaged system, run as a user runs it. */
class DemoIT {

  private static final Pattern CLOSING =
      Pattern.compile(
          "demo: streams=(\\d+) acked=(\\d+) lost=0 duplicated=0 msg_per_s=\\d+ spans=(\\d+)"
              + " traces=(\\d+) stalled=1 cause=no_demand gray_client=(\\d+) gray_server=(\\d+)"
              + " gray_shipped=(\\d+) gray_fulfilment=(\\d+) gray_lost=0");

  private final List<Process> started = new ArrayList<>();
  private final List<String> output = new CopyOnWriteArrayList<>();

  @AfterEach
  void endWhatIsLeft() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process demo(int base, String... more) throws IOException {
    return demo(Map.of(), base, more);
  }

  private Process demo(Map<String, String> environment, int base, String... more)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-jar",
                System.getProperty("order-sync.jar"),
                "demo",
                "--viewer-jar=" + System.getProperty("viewer.jar"),
                "--agent-jar=" + System.getProperty("agent.jar"),
                "--port-base=" + base));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    // A dozen short-lived JVMs on two processors: they have no use for the second compiler.
    builder.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    Thread reader =
        new Thread(
            () -> {
              try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
                // The JVM says so of its options.
                lines
                    .lines()
                    .filter(line -> !line.contains("NOTE: Picked up JDK_JAVA_OPTIONS"))
                    .forEach(output::add);
              } catch (IOException e) {
                output.add(e.toString());
              }
            });
    reader.setDaemon(true);
    reader.start();
    return process;
  }

  @Test
  void theDemoLosesNothingAndItsTracesHangTogether() throws Exception {
    demoLosesNothing("interceptors");
  }

  @Test
  @Tag("e2e")
  void attachedAsAnAgentItLosesNothingEither() throws Exception {
    demoLosesNothing("agent");
  }

  /** Notices wait for the one call at a time that a fulfilment takes; the closing line says so. */
  @Test
  @Tag("e2e")
  void noticesWaitForTheLimitOfAConnection() throws Exception {
    Process demo =
        demo(FreeBase.next(), "--seconds=10", "--streams=8", "--rate=1000", "--stream-limit");

    assertThat(Await.end(demo, () -> String.join("\n", output)))
        .as(String.join("\n", output))
        .isZero();
    assertThat(output.get(output.size() - 1))
        .matches(".* lost=0 duplicated=0 .* limit_waits=[1-9]\\d* limit_seconds=\\d+\\.\\d");
  }

  private void demoLosesNothing(String attach) throws Exception {
    int base = FreeBase.next();
    Process demo =
        demo(
            base,
            "--attach=" + attach,
            "--seconds=16",
            "--streams=8",
            "--rate=1000",
            "--gray-errors");
    await(demo, () -> String.join("\n", output)).until(() -> printed("everything is healthy"));

    // While it runs: the counter grows.
    await().until(() -> received(base) > 100);
    double before = received(base);
    await().until(() -> received(base) > before);
    assertParents(base);

    end(demo);
    await()
        .untilAsserted(() -> assertThat(lastLine()).as(String.join("\n", output)).matches(CLOSING));
    assertThat(demo.exitValue()).as(String.join("\n", output)).isZero();
    Matcher line = CLOSING.matcher(lastLine());
    assertThat(line.matches()).as(lastLine()).isTrue();
    assertThat(Long.parseLong(line.group(2))).isGreaterThan(1_000);
    Matcher sent =
        Pattern.compile(
                "clients sent (\\d+), server received (\\d+), fulfilment was told of (\\d+)")
            .matcher(output.toString());
    assertThat(sent.find()).isTrue();
    assertThat(sent.group(2)).isEqualTo(sent.group(1));
    Matcher traced =
        Pattern.compile("traced (\\d+) orders, (\\d+) updates, (\\d+) shipments")
            .matcher(output.toString());
    assertThat(traced.find()).isTrue();
    // A stream is a span a side and one more at its start; of a sampled order there are its own,
    // one for each update and the two of its shipment; besides, what the stall has made.
    long spans =
        4 * Long.parseLong(line.group(1))
            + Long.parseLong(traced.group(1))
            + Long.parseLong(traced.group(2))
            + 2 * Long.parseLong(traced.group(3));
    // A gray notice fails one time in five and is repeated: two spans more for each.
    long repeated = Long.parseLong(traced.group(3)) / 4;
    assertThat(Long.parseLong(line.group(3))).isBetween(spans, spans + 10 + repeated);
    assertThat(Long.parseLong(line.group(5))).as("gray updates").isGreaterThan(100);
    assertThat(line.group(6)).as("of those, applied").isEqualTo(line.group(5));
    assertThat(Long.parseLong(line.group(7))).as("gray shipments").isGreaterThan(10);
    assertThat(line.group(8)).as("of those, heard of").isEqualTo(line.group(7));
    assertThat(new DemoPorts(base).taken()).as("everything was stopped").isNull();
  }

  /** The gray instance goes in mid-run: every notice finds its way, and the numbers say how. */
  @Test
  @Tag("e2e")
  void withoutTheGrayInstanceEverythingFallsBack() throws Exception {
    Process demo =
        demo(FreeBase.next(), "--seconds=10", "--streams=8", "--rate=1000", "--gray-down");
    end(demo);
    Pattern whole =
        Pattern.compile(
            ".* lost=0 duplicated=0 .* gray_shipped=(\\d+) gray_fulfilment=\\1 gray_lost=0");
    await()
        .untilAsserted(() -> assertThat(lastLine()).as(String.join("\n", output)).matches(whole));
    assertThat(demo.exitValue()).as(String.join("\n", output)).isZero();
    Matcher purity =
        Pattern.compile("on their lane (\\d+), fallen back (\\d+), purity 0\\.\\d+")
            .matcher(output.toString());
    assertThat(purity.find()).as(output.toString()).isTrue();
    assertThat(Long.parseLong(purity.group(1))).isPositive();
    assertThat(Long.parseLong(purity.group(2))).isPositive();
  }

  private int end(Process demo) throws InterruptedException {
    return Await.end(demo, () -> String.join("\n", output));
  }

  private static double received(int base) {
    try {
      return Scrape.of(base + 1).sum("grpc_server_msg_received_total", "grpc_type=\"bidi_stream\"");
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** A sampled order goes from the client over the stream to fulfilment, in one trace. */
  private static void assertParents(int base) {
    await()
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> hasWholeRoad(Pages.get(base, "/zipkin/api/v2/traces?limit=100")));
  }

  private static boolean hasWholeRoad(String json) {
    for (JsonElement trace : JsonParser.parseString(json).getAsJsonArray()) {
      if (isWholeRoad(trace.getAsJsonArray())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWholeRoad(JsonArray trace) {
    Map<String, JsonObject> spans = new HashMap<>();
    for (JsonElement element : trace) {
      JsonObject span = element.getAsJsonObject();
      // The two sides of a call may share an id.
      spans.put(span.get("id").getAsString() + kind(span), span);
    }
    for (JsonObject last : spans.values()) {
      JsonObject hop = kind(last).equals("SERVER") ? parent(last, "CLIENT", spans) : null;
      JsonObject message = hop == null ? null : parent(hop, "", spans);
      JsonObject order = message == null ? null : parent(message, "", spans);
      if (order != null
          && service(last).startsWith("fulfilment-")
          && service(hop).equals("order-sync-server")
          && service(message).equals("order-sync-server")
          && message.get("name").getAsString().endsWith("syncorderstatus message")
          && service(order).equals("order-sync-client")
          && order.get("name").getAsString().equals("order")
          && !order.has("parentId")) {
        return true;
      }
    }
    return false;
  }

  private static String kind(JsonObject span) {
    return span.has("kind") ? span.get("kind").getAsString() : "";
  }

  private static JsonObject parent(JsonObject span, String kind, Map<String, JsonObject> among) {
    return span.has("parentId") ? among.get(span.get("parentId").getAsString() + kind) : null;
  }

  private static String service(JsonObject span) {
    return span.getAsJsonObject("localEndpoint").get("serviceName").getAsString();
  }

  private String lastLine() {
    return output.isEmpty() ? "" : output.get(output.size() - 1);
  }

  private boolean printed(String text) {
    return output.stream().anyMatch(line -> line.contains(text));
  }

  @Test
  void aTakenPortIsOneLineAndNothingIsStarted() throws Exception {
    int base = FreeBase.next();
    try (ServerSocket taken = new ServerSocket(base + 10, 1, InetAddress.getLoopbackAddress())) {
      Process demo = demo(base, "--seconds=5");
      assertThat(end(demo)).isEqualTo(2);
      await().until(() -> !output.isEmpty());
      assertThat(output).hasSize(1);
      assertThat(output.get(0)).contains(String.valueOf(base + 10));
      assertThat(demo.descendants()).isEmpty();
      assertThat(taken.isBound()).isTrue();
    }
  }

  @Test
  void aWrongVariableIsOneLineAndNothingIsLeft() throws Exception {
    Process demo = demo(Map.of("STREAMGAUGE_ENABLED", "maybe"), FreeBase.next(), "--seconds=5");
    assertThat(end(demo)).isEqualTo(2);
    await().until(() -> !output.isEmpty());
    assertThat(output).hasSize(1);
    assertThat(output.get(0)).contains("streamgauge.enabled");
    assertThat(demo.descendants()).isEmpty();
  }

  @Test
  @Tag("e2e")
  void whenTheDemoIsKilledItsProcessesEnd() throws Exception {
    int base = FreeBase.next();
    Process demo = demo(base, "--streams=4", "--rate=200");
    await(demo, () -> String.join("\n", output)).until(() -> printed("everything is healthy"));
    List<ProcessHandle> children = demo.descendants().toList();
    assertThat(children).hasSizeGreaterThanOrEqualTo(5);
    demo.destroyForcibly().waitFor();

    await().until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
  }
}
