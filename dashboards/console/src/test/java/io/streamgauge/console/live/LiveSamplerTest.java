package io.streamgauge.console.live;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LiveSamplerTest {

  private static final class Source implements LiveSource {
    private final String name;
    private final List<Map<String, Object>> rows = new ArrayList<>();
    private long sent;
    private boolean down;

    Source(String name) {
      this.name = name;
    }

    Source row(long id, String cause, double idle, boolean notReady, long waiting) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", id);
      row.put("side", "client");
      row.put("cause", cause);
      row.put("idle_seconds", idle);
      row.put("not_ready", notReady);
      row.put("depth", Map.of("executor", waiting));
      row.put("msg_sent", sent);
      row.put("msg_received", 0L);
      rows.add(row);
      return this;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Page page(long now) throws IOException {
      if (down) {
        throw new IOException("connection refused");
      }
      Map<String, Object> totals =
          Map.of("open", rows.size(), "msg_sent", sent, "msg_received", 2 * sent, "ended", 0);
      return new Page(
          Map.of(
              "open",
              rows.size(),
              "totals",
              totals,
              "lanes",
              Map.of("gray", totals),
              "streams",
              rows),
          now);
    }

    @Override
    public void close() {}
  }

  private static long seconds(int seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private static Map<?, ?> map(Object value) {
    return (Map<?, ?>) value;
  }

  private static List<Object> column(List<?> rows, String name) {
    List<Object> values = new ArrayList<>();
    rows.forEach(row -> values.add(map(row).get(name)));
    return values;
  }

  @Test
  void theWorstOfAllProcessesComeFirst() {
    Source a =
        new Source("a")
            .row(1, null, 50, false, 0)
            .row(2, "no_demand", 10, false, 0)
            .row(3, null, 1, false, 7);
    Source b = new Source("b").row(4, null, 2, true, 0).row(5, "handler_busy", 30, false, 3);
    try (LiveSampler sampler = new LiveSampler(List.of(a, b), sample -> {})) {
      List<?> rows = (List<?>) sampler.sample(seconds(1), 1).get("streams");
      assertThat(column(rows, "id")).isEqualTo(List.of(5L, 2L, 4L, 3L, 1L));
      assertThat(column(rows, "target")).isEqualTo(List.of("b", "a", "b", "a", "a"));
    }
  }

  @Test
  void ratesAreWhatIsNewSinceTheLastLookAndARestartIsNoNegativeRate() {
    Source a = new Source("a").row(1, null, 0, false, 0);
    try (LiveSampler sampler = new LiveSampler(List.of(a), sample -> {})) {
      a.sent = 100;
      assertThat(map(sampler.sample(seconds(1), 1).get("totals")).get("out_per_second"))
          .isEqualTo(0.0);
      a.sent = 300;
      Map<String, Object> sample = sampler.sample(seconds(3), 2);
      assertThat(map(sample.get("totals")).get("out_per_second")).isEqualTo(100.0);
      assertThat(map(sample.get("totals")).get("in_per_second")).isEqualTo(200.0);
      assertThat(map(map(sample.get("lanes")).get("gray")).get("out_per_second")).isEqualTo(100.0);
      a.sent = 5;
      assertThat(map(sampler.sample(seconds(4), 3).get("totals")).get("out_per_second"))
          .isEqualTo(0.0);
    }
  }

  @Test
  void aProcessThatIsDownIsSaidAndTheRestIsShown() {
    Source a = new Source("a").row(1, null, 0, false, 0);
    Source b = new Source("b").row(2, null, 0, false, 0);
    b.down = true;
    try (LiveSampler sampler = new LiveSampler(List.of(a, b), sample -> {})) {
      Map<String, Object> sample = sampler.sample(seconds(1), 1);
      List<?> targets = (List<?>) sample.get("targets");
      assertThat(map(targets.get(0)).get("up")).isEqualTo(true);
      assertThat(map(targets.get(1)).get("up")).isEqualTo(false);
      assertThat(map(targets.get(1)).get("error")).isEqualTo("connection refused");
      assertThat((List<?>) sample.get("streams")).hasSize(1);
    }
  }

  @Test
  void tenMinutesAreRememberedAndNoMore() {
    Source a = new Source("a");
    try (LiveSampler sampler = new LiveSampler(List.of(a), sample -> {})) {
      for (int i = 1; i <= LiveSampler.HISTORY + 5; i++) {
        sampler.sample(seconds(i), i);
      }
      assertThat(sampler.history().split("\"t\":", -1)).hasSize(LiveSampler.HISTORY + 1);
      assertThat(sampler.history()).startsWith("[{\"t\":6,");
    }
  }

  @Test
  void aTargetIsAskedOverHttpAndNonsenseIsAnError() throws Exception {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    String[] answer = {"{\"open\":3,\"streams\":[]}"};
    other.createContext(
        "/api/streams",
        exchange -> {
          byte[] body = answer[0].getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    other.start();
    try (LiveTarget target =
        new LiveTarget("http://127.0.0.1:" + other.getAddress().getPort(), null)) {
      await().ignoreExceptions().until(() -> target.page(0).document.get("open").equals(3.0));
      answer[0] = "<html>";
      await()
          .untilAsserted(
              () -> assertThatThrownBy(() -> target.page(0)).isInstanceOf(IOException.class));
    } finally {
      other.stop(0);
    }
  }

  @Test
  void whatIsNoUrlIsRefused() {
    for (String url : List.of("127.0.0.1:9471", "ftp://x", "http://", "http://me:pw@x", "::")) {
      assertThatThrownBy(() -> new LiveTarget(url, null))
          .as(url)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
