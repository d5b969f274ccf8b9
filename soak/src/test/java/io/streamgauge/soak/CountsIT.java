package io.streamgauge.soak;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Unary calls by the million, of two threads that call one method, every second one with a tag, all
 * with spans: each is counted once everywhere, and no scrape in between sees a counter fall.
 */
@Tag("leak")
class CountsIT {

  /** {@code -Dsoak.calls} for more, as for a release. */
  private static final long CALLS = Long.getLong("soak.calls", 10_000_000);

  private static final int CALLERS = 2;

  private static final List<String> COUNTERS =
      List.of("started_total", "handled_total", "msg_sent_total", "msg_received_total");

  private final CollectorRegistry registry = new CollectorRegistry();
  private final LongAdder spans = new LongAdder();

  private OpenTelemetrySdk sdk() {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .addSpanProcessor(
                    new SpanProcessor() {
                      @Override
                      public void onStart(Context parent, ReadWriteSpan span) {}

                      @Override
                      public boolean isStartRequired() {
                        return false;
                      }

                      @Override
                      public void onEnd(ReadableSpan span) {
                        spans.increment();
                      }

                      @Override
                      public boolean isEndRequired() {
                        return true;
                      }
                    })
                .build())
        .setPropagators(
            ContextPropagators.create(
                TextMapPropagator.composite(
                    W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
        .build();
  }

  /** Each counter of calls and messages, over all of its series. */
  private Map<String, Double> counters() {
    Map<String, Double> sums = new TreeMap<>();
    for (MetricFamilySamples family : Collections.list(registry.metricFamilySamples())) {
      for (MetricFamilySamples.Sample sample : family.samples) {
        String name = sample.name;
        if ((name.startsWith("grpc_client_") || name.startsWith("grpc_server_"))
            && (name.endsWith("handling_seconds_count")
                || COUNTERS.contains(name.substring("grpc_client_".length())))) {
          sums.merge(name, sample.value, Double::sum);
        }
      }
    }
    return sums;
  }

  @Test
  void everyCallIsCountedOnce() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (OpenTelemetrySdk sdk = sdk();
        Streamgauge gauge = Streamgauge.builder().openTelemetry(sdk).prometheus(registry).build();
        TestPair pair =
            TestPair.open(
                TestTransport.IN_PROCESS,
                server -> gauge.install(server.directExecutor()),
                channel -> gauge.install(channel.directExecutor()))) {
      CallOptions tagged =
          CallOptions.DEFAULT.withOption(GrayTags.CALL_OPTION, GrayTag.of("canary"));
      List<Future<?>> calling = new ArrayList<>();
      CountDownLatch done = new CountDownLatch(CALLERS);
      for (int caller = 0; caller < CALLERS; caller++) {
        calling.add(
            callers.submit(
                () -> {
                  try {
                    for (long i = 0; i < CALLS / CALLERS; i++) {
                      CallOptions options = i % 2 == 0 ? CallOptions.DEFAULT : tagged;
                      ClientCalls.blockingUnaryCall(
                          pair.channel(), TestMethods.UNARY, options, "hello");
                    }
                  } finally {
                    done.countDown();
                  }
                }));
      }

      Map<String, Double> before = counters();
      int scrapes = 0;
      while (!done.await(50, TimeUnit.MILLISECONDS)) {
        Map<String, Double> now = counters();
        before.forEach(
            (name, value) ->
                assertThat(now.get(name))
                    .as("%s after %s", name, value)
                    .isNotNull()
                    .isGreaterThanOrEqualTo(value));
        before = now;
        scrapes++;
      }
      for (Future<?> each : calling) {
        each.get();
      }

      assertThat(scrapes).as("scrapes in between").isPositive();
      await().untilAsserted(() -> assertThat(counters()).hasSize(10).allSatisfy(this::isExact));
      assertThat(spans.sum()).as("spans of both sides").isEqualTo(2 * CALLS);
      System.out.printf("counts: %d calls, %d scrapes in between, exact%n", CALLS, scrapes);
    } finally {
      callers.shutdownNow();
    }
  }

  private void isExact(String name, double value) {
    assertThat(value).as(name).isEqualTo(CALLS);
  }
}
