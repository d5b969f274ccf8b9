package io.streamgauge.compat.jaeger;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.testkit.fixture.Prometheus;
import io.streamgauge.testkit.fixture.RequiredTool;
import io.streamgauge.testkit.fixture.ScrapeTarget;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jaeger's monitor tab, fed by our series through the rules of {@code jaeger-monitor.yaml}. */
class MonitorIT {

  private static final String METHOD = TestMethods.UNARY.getFullMethodName();

  @TempDir Path directory;

  @Test
  void ratesErrorsAndLatenciesOfOurSeries() throws Exception {
    RequiredTool.onPath("prometheus");
    CollectorRegistry client = new CollectorRegistry();
    CollectorRegistry server = new CollectorRegistry();
    ScrapeTarget clientHttp = expose(client);
    ScrapeTarget serverHttp = expose(server);
    // The client's gauge is built first.
    Iterator<CollectorRegistry> registries = List.of(client, server).iterator();
    Map<String, Integer> jobs =
        Map.of(
            Observed.CLIENT, clientHttp.port(),
            Observed.SERVER, serverHttp.port());
    Path rules = Jaeger.DASHBOARDS.resolve("prometheus/jaeger-monitor.yaml");
    try (Prometheus prometheus = new Prometheus(directory, List.of(rules), jobs, 1)) {
      await().until(prometheus::isReady);
      try (Jaeger jaeger = Jaeger.start(directory.resolve("jaeger"), source(prometheus.port()));
          Observed observed =
              new Observed(
                  List.of(jaeger.otlp()),
                  builder -> builder.prometheus(registries.next()),
                  TestService.create())) {
        compare(jaeger, observed, prometheus);
      }
    } finally {
      clientHttp.close();
      serverHttp.close();
    }
  }

  private static String source(int port) {
    return "yaml:extensions::jaeger_storage::metric_backends::prometheus::prometheus::endpoint: "
        + "http://127.0.0.1:"
        + port;
  }

  private static void compare(Jaeger jaeger, Observed observed, Prometheus prometheus)
      throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    await()
        .untilAsserted(
            () -> {
              // For as long as that takes; what is not found is an error on the client alone.
              rounds.incrementAndGet();
              call(observed, "echo");
              call(observed, "fail:NOT_FOUND");
              call(observed, "fail:INTERNAL");
              call(observed, "fail:UNAVAILABLE");
              for (String what : List.of("errors", "latencies")) {
                for (String kind : List.of("server", "client")) {
                  // The number of rounds tells the wait that this goes on.
                  assertThat(value(jaeger, what, kind))
                      .as("%s, %s, after %d", what, kind, rounds.get())
                      .isPositive();
                }
              }
            });
    for (String kind : List.of("server", "client")) {
      assertThat(value(jaeger, "calls", kind)).as("calls a second, %s", kind).isPositive();
    }
    int count = rounds.get();
    await()
        .until(
            () ->
                counted(prometheus, "SERVER", "ERROR") == 2 * count
                    && counted(prometheus, "SERVER", "UNSET") == 2 * count
                    && counted(prometheus, "CLIENT", "ERROR") == 3 * count
                    && counted(prometheus, "CLIENT", "UNSET") == count);
    observed.flushed();
    await().until(() -> jaeger.operations(Observed.SERVER).contains(METHOD));
  }

  private static double counted(Prometheus prometheus, String kind, String code) throws Exception {
    return prometheus
        .query(
            "sum(traces_span_metrics_calls_total{span_kind='SPAN_KIND_%s',status_code='STATUS_CODE_%s'})"
                .formatted(kind, code))
        .stream()
        .mapToDouble(Prometheus::value)
        .sum();
  }

  private static void call(Observed observed, String request) {
    try {
      ClientCalls.blockingUnaryCall(
          observed.channel, TestMethods.UNARY, CallOptions.DEFAULT, request);
    } catch (StatusRuntimeException e) {
      assertThat(request).startsWith("fail:");
    }
  }

  /** The last value of the method, as the tab asks for it; not a number without one. */
  private static double value(Jaeger jaeger, String what, String kind) {
    Map<String, String> asked =
        new TreeMap<>(
            Map.of(
                "service", kind.equals("server") ? Observed.SERVER : Observed.CLIENT,
                "groupByOperation", "true",
                "spanKind", kind,
                "ratePer", "10000",
                "step", "1000",
                "lookback", "60000",
                "endTs", String.valueOf(System.currentTimeMillis())));
    if (what.equals("latencies")) {
      asked.put("quantile", "0.95");
    }
    JsonObject answer = jaeger.get("/api/metrics/" + what, asked).getAsJsonObject();
    double last = Double.NaN;
    for (JsonElement each : array(answer, "metrics")) {
      JsonObject metric = each.getAsJsonObject();
      assertThat(metric.getAsJsonArray("labels").toString()).contains(METHOD);
      for (JsonElement point : array(metric, "metricPoints")) {
        JsonElement value =
            point.getAsJsonObject().getAsJsonObject("gaugeValue").get("doubleValue");
        // Protobuf's JSON has no number that is not one.
        last = value.getAsString().equals("NaN") ? last : value.getAsDouble();
      }
    }
    return last;
  }

  private static JsonArray array(JsonObject of, String name) {
    return of.has(name) ? of.getAsJsonArray(name) : new JsonArray();
  }

  private static ScrapeTarget expose(CollectorRegistry registry) throws IOException {
    return new ScrapeTarget(out -> TextFormat.write004(out, registry.metricFamilySamples()));
  }
}
