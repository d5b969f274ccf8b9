package io.streamgauge.compat;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.Prometheus;
import io.streamgauge.testkit.fixture.RequiredTool;
import io.streamgauge.testkit.fixture.ScrapeTarget;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * go-grpc-middleware's metrics beside ours in one real Prometheus: Go calls our server and our
 * client calls Go's with the same calls, and the same PromQL gives the same answers for both.
 */
class GoMetricsIT {

  private static final String BY_CODE = "grpc_service, grpc_method, grpc_type, grpc_code";
  private static final String BY_METHOD = "grpc_service, grpc_method, grpc_type";

  private static final List<String> UNARY =
      List.of("a", "b", "c", "fail:NOT_FOUND", "fail:INTERNAL", "fail:UNAVAILABLE");
  private static final List<List<String>> BIDI =
      List.of(List.of("a", "b", "c"), List.of("a"), List.of("fail:ABORTED"));

  private static final int UNARY_FAILED = 3;

  /** Bidi calls of which the server sees the end of what the client sends. */
  private static final int HALF_CLOSED = 2;

  @TempDir Path directory;

  /** The calls that the Go peer makes too. */
  private static void mix(ManagedChannel channel) {
    for (String request : UNARY) {
      try {
        ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, request);
      } catch (StatusRuntimeException e) {
        assertThat(request).startsWith("fail:");
      }
    }
    for (List<String> messages : BIDI) {
      TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
      for (String message : messages) {
        int before = call.received();
        call.send(message);
        if (!message.startsWith("fail:")) {
          await().until(() -> call.received() > before);
        }
      }
      call.halfClose();
      call.awaitEnd();
    }
  }

  private static ScrapeTarget expose(CollectorRegistry registry) throws IOException {
    return new ScrapeTarget(out -> TextFormat.write004(out, registry.metricFamilySamples()));
  }

  @Test
  void theSamePromqlGivesTheSameAnswersForTheSameCalls() throws Exception {
    RequiredTool.onPath("prometheus");
    Peer.GO.install();
    CollectorRegistry registry = new CollectorRegistry();
    ScrapeTarget http = expose(registry);
    try (Streamgauge gauge = Streamgauge.builder().prometheus(registry).build()) {
      ServerBuilder<?> builder =
          TestTransport.NETTY_SHADED.server().addService(TestService.create());
      gauge.install(builder);
      Server server = builder.build().start();
      try (PeerProcess goServer = Peer.GO.start("serve");
          PeerProcess goClient = Peer.GO.start("mix", String.valueOf(server.getPort()))) {
        NettyChannelBuilder channels =
            NettyChannelBuilder.forAddress("127.0.0.1", goServer.port()).usePlaintext();
        gauge.install(channels);
        ManagedChannel channel = channels.build();
        mix(channel);
        channel.shutdownNow();
        Map<String, Integer> jobs = new TreeMap<>();
        jobs.put("java", http.port());
        jobs.put("go-server", Integer.parseInt(goServer.after("metrics")));
        jobs.put("go-client", Integer.parseInt(goClient.after("metrics")));
        try (Prometheus prometheus = new Prometheus(directory, List.of(), jobs, 1)) {
          compare(prometheus);
        }
      } finally {
        server.shutdownNow();
      }
    } finally {
      http.close();
    }
  }

  private static void compare(Prometheus prometheus) throws Exception {
    await().until(prometheus::isReady);
    await().until(() -> prometheus.query("up == 1").size() == 3);
    // One scrape of each may come before the numbers of the last call.
    await().untilAsserted(() -> compareEach(prometheus));
  }

  private static void compareEach(Prometheus prometheus) throws Exception {
    for (String side : List.of("server", "client")) {
      String go = "go-" + side;
      Map<String, Double> handled = sum(prometheus, "grpc_" + side + "_handled_total", go, BY_CODE);
      assertThat(handled.values()).as("%s's calls", go).contains(3.0);
      assertThat(sum(prometheus, "grpc_" + side + "_handled_total", "java", BY_CODE))
          .as("calls handled, %s side", side)
          .isEqualTo(handled);
      for (String metric : List.of("started_total", "handling_seconds_count")) {
        assertThat(sum(prometheus, "grpc_" + side + "_" + metric, "java", BY_METHOD))
            .as("%s, %s side", metric, side)
            .isEqualTo(sum(prometheus, "grpc_" + side + "_" + metric, go, BY_METHOD));
      }
    }
    assertMessages(prometheus, "server", "received", Map.of("Bidi", HALF_CLOSED));
    assertMessages(prometheus, "server", "sent", Map.of("Unary", UNARY_FAILED));
    assertMessages(
        prometheus, "client", "received", Map.of("Bidi", BIDI.size(), "Unary", UNARY_FAILED));
    assertMessages(prometheus, "client", "sent", Map.of());
  }

  /**
   * Messages are counted alike, but for what Go's interceptors take for one: each reception that
   * brings the end of a stream, and an answer of each unary call that failed.
   */
  private static void assertMessages(
      Prometheus prometheus, String side, String way, Map<String, Integer> more) throws Exception {
    String metric = "grpc_" + side + "_msg_" + way + "_total";
    Map<String, Double> ours = sum(prometheus, metric, "java", "grpc_method");
    Map<String, Double> expected = new TreeMap<>();
    ours.forEach(
        (labels, value) -> {
          String method = labels.contains("Bidi") ? "Bidi" : "Unary";
          expected.put(labels, value + more.getOrDefault(method, 0));
        });
    assertThat(ours).as(metric).hasSize(2);
    assertThat(sum(prometheus, metric, "go-" + side, "grpc_method")).as(metric).isEqualTo(expected);
  }

  /** The sums above zero, by their labels. */
  private static Map<String, Double> sum(
      Prometheus prometheus, String metric, String job, String labels) throws Exception {
    Map<String, Double> sums = new TreeMap<>();
    for (JsonObject sample :
        prometheus.query("sum by (" + labels + ") (" + metric + "{job=\"" + job + "\"}) > 0")) {
      JsonElement by = sample.get("metric");
      sums.put(by.toString(), Prometheus.value(sample));
    }
    return sums;
  }
}
