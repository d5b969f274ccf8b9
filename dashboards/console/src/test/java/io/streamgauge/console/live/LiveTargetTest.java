package io.streamgauge.console.live;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Targets are other processes: what they answer is held within limits. */
class LiveTargetTest {

  static Stream<Arguments> hostile() {
    String nested = "[".repeat(100_000) + "]".repeat(100_000);
    return Stream.of(
        Arguments.of("{\"streams\":[" + "{},".repeat(50_000) + "{}]}", "more than 20000 values"),
        Arguments.of("{\"streams\":[]," + names(50_000) + "}", "more than 20000 values"),
        Arguments.of("{\"streams\":[],\"x\":" + nested + "}", "more than 16 deep"),
        Arguments.of("{\"streams\":[],\"x\":\"" + "x".repeat(2_000_000) + "\"}", "characters"),
        Arguments.of("{\"streams\":[],\"open\":1e300}", "counts nothing"),
        Arguments.of("{\"streams\":[],\"open\":NaN}", "answer with JSON"),
        Arguments.of("{\"open\":3}", "does not answer with streams"),
        Arguments.of("[]", "does not answer with a JSON object"),
        Arguments.of("7", "does not answer with a JSON object"));
  }

  private static String names(int number) {
    StringBuilder names = new StringBuilder("\"a\":1");
    for (int i = 0; i < number; i++) {
      names.append(",\"").append(i).append("\":").append(i);
    }
    return names.toString();
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("hostile")
  void anAnswerThatIsNoPageIsSaidInALine(String answer, String why) throws Exception {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    other.createContext(
        "/api/streams",
        exchange -> {
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    other.start();
    try (LiveTarget target =
        new LiveTarget("http://127.0.0.1:" + other.getAddress().getPort(), null)) {
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> target.page(0))
                      .isInstanceOf(IOException.class)
                      .hasMessageContaining(why)
                      .message()
                      .doesNotContain("\n"));
    } finally {
      other.stop(0);
    }
  }

  /** Each of its bytes comes in time, and its last one never. */
  @Test
  void anAnswerThatDoesNotComeToAnEndIsGivenUp() throws Exception {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    ExecutorService threads = Executors.newCachedThreadPool();
    AtomicInteger asked = new AtomicInteger();
    other.setExecutor(threads);
    other.createContext(
        "/api/streams",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            int request = asked.incrementAndGet();
            while (request == 1 && asked.get() == 1) {
              out.write(' ');
              out.flush();
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            out.write("{\"open\":3,\"streams\":[]}".getBytes(StandardCharsets.UTF_8));
          }
        });
    other.start();
    try (LiveTarget target =
        new LiveTarget(
            "http://127.0.0.1:" + other.getAddress().getPort(),
            null,
            TimeUnit.MILLISECONDS.toNanos(200))) {
      await().ignoreExceptions().until(() -> target.page(0).document.get("open").equals(3.0));
    } finally {
      other.stop(0);
      threads.shutdownNow();
    }
  }

  @Test
  void aUsualDocumentIsReadAsItIs() throws Exception {
    Map<?, ?> page =
        LiveDocument.read(
            new StringReader(
                "{\"open\":3,\"streams\":[{\"id\":1,\"up\":true,\"cause\":null,\"depth\":{}}]}"));
    assertThat(page.get("open")).isEqualTo(3.0);
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", 1.0);
    row.put("up", true);
    row.put("cause", null);
    row.put("depth", Map.of());
    assertThat(page.get("streams")).isEqualTo(List.of(row));
  }

  private record Source(Map<?, ?> document) implements LiveSource {
    @Override
    public String name() {
      return "other";
    }

    @Override
    public Page page(long now) {
      return new Page(document, now);
    }

    @Override
    public void close() {}
  }

  @Test
  void moreLanesThanThereCanBeAreOneAndRowsBeyondAPageAreNotLookedAt() {
    Map<String, Object> lanes = new LinkedHashMap<>();
    for (int i = 0; i < 10_000; i++) {
      lanes.put("lane-" + i, Map.of("open", 1));
    }
    lanes.put("x".repeat(100), Map.of("open", 1));
    Object[] rows = new Object[5_000];
    java.util.Arrays.fill(rows, Map.of("id", 1, "side", "client"));
    Source source = new Source(Map.of("lanes", lanes, "streams", List.of(rows)));
    try (LiveSampler sampler = new LiveSampler(List.of(source, source), sample -> {})) {
      Map<String, Object> sample = sampler.sample(TimeUnit.SECONDS.toNanos(1), 1);
      Map<?, ?> shown = (Map<?, ?>) sample.get("lanes");
      assertThat(shown).hasSize(LiveSampler.MAX_LANES + 1);
      assertThat(((Map<?, ?>) shown.get("other")).get("open")).isEqualTo(2 * (10_001L - 64));
      assertThat((List<?>) sample.get("streams")).hasSize(LiveSampler.MAX_ROWS);
      assertThat(
              JsonParser.parseString(sampler.history())
                  .getAsJsonArray()
                  .get(0)
                  .getAsJsonObject()
                  .getAsJsonObject("lanes")
                  .size())
          .isEqualTo(LiveSampler.MAX_LANES + 1);
    }
  }
}
