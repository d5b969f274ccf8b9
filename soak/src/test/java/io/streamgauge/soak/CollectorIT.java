package io.streamgauge.soak;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The collector is down, or slow, for two real minutes (ten with {@code -Pfull}): every call ends
 * as it would have, the heap stays where it was, and what is dropped is counted by the SDK.
 */
@Tag("leak")
@Gate("collector")
class CollectorIT {

  private static final int SECONDS =
      Integer.getInteger("soak.seconds", Boolean.getBoolean("test.full") ? 600 : 120);

  /** Between two calls: enough spans to fill every queue, and a processor left for others. */
  private static final int MIN_CALLS_A_SECOND = 50;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** A system that reports to one collector, and calls itself meanwhile. */
  private static final class Watched implements AutoCloseable {
    private final InMemoryMetricReader own = InMemoryMetricReader.create();
    private final SdkMeterProvider ofTheSdk =
        SdkMeterProvider.builder().registerMetricReader(own).build();
    private final OpenTelemetrySdk sdk;
    private final Streamgauge gauge;
    private final TestPair pair;
    private final StreamObserver<String> stream;
    private final AtomicLong received = new AtomicLong();
    private long calls;

    Watched(BrokenCollector collector) throws Exception {
      sdk =
          OpenTelemetrySdk.builder()
              .setTracerProvider(
                  SdkTracerProvider.builder()
                      .addSpanProcessor(
                          BatchSpanProcessor.builder(
                                  OtlpHttpSpanExporter.builder()
                                      .setEndpoint(collector.endpoint() + "/v1/traces")
                                      .build())
                              .setMeterProvider(ofTheSdk)
                              .build())
                      .build())
              .setMeterProvider(
                  SdkMeterProvider.builder()
                      .registerMetricReader(
                          PeriodicMetricReader.builder(
                                  OtlpHttpMetricExporter.builder()
                                      .setEndpoint(collector.endpoint() + "/v1/metrics")
                                      .build())
                              .setInterval(Duration.ofSeconds(5))
                              .build())
                      .build())
              .build();
      gauge =
          Streamgauge.builder().openTelemetry(sdk).checkpointEvery(Duration.ofSeconds(1)).build();
      pair = TestPair.open(TestTransport.NETTY, gauge::install, gauge::install);
      stream =
          ClientCalls.asyncBidiStreamingCall(
              pair.channel().newCall(TestMethods.BIDI, CallOptions.DEFAULT), new Counting());
    }

    private final class Counting implements StreamObserver<String> {
      @Override
      public void onNext(String message) {
        received.incrementAndGet();
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    }

    /**
     * One after the other, for that time and, on a slow machine, until there were enough; any that
     * fails, or has not ended after a minute, is thrown.
     */
    void calls(int seconds) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      long enough = calls + (long) seconds * MIN_CALLS_A_SECOND;
      while (System.nanoTime() < end || calls < enough) {
        String answer =
            ClientCalls.blockingUnaryCall(
                pair.channel(),
                TestMethods.UNARY,
                CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
                "hello");
        assertThat(answer).isEqualTo("hello");
        stream.onNext("message");
        calls++;
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      await().until(() -> received.get() == calls);
    }

    long dropped() {
      return own.collectAllMetrics().stream()
          .filter(metric -> metric.getName().equals("processedSpans"))
          .flatMap(metric -> metric.getLongSumData().getPoints().stream())
          .filter(
              point ->
                  Boolean.TRUE.equals(
                      point.getAttributes().get(AttributeKey.booleanKey("dropped"))))
          .mapToLong(LongPointData::getValue)
          .sum();
    }

    @Override
    public void close() {
      pair.close();
      gauge.close();
      // Its exporters wait for the collector; no thread waits for them.
      var unused = sdk.shutdown();
      ofTheSdk.close();
    }
  }

  private static void both(Watched one, Watched other, int seconds) throws Exception {
    CompletableFuture<Void> first = CompletableFuture.runAsync(() -> one.calls(seconds));
    other.calls(seconds);
    first.get();
  }

  @Test
  void downOrSlowForMinutesNobodyNotices() throws Exception {
    try (BrokenCollector down = BrokenCollector.down();
        BrokenCollector slow = BrokenCollector.slow();
        Watched one = new Watched(down);
        Watched other = new Watched(slow)) {
      both(one, other, SECONDS / 3);
      long heap = SoakHeap.live();
      both(one, other, SECONDS * 2 / 3);

      long grown = SoakHeap.live() - heap;
      System.out.printf(
          "collector: calls=%d+%d dropped=%d+%d heap=%+d%n",
          one.calls, other.calls, one.dropped(), other.dropped(), grown);
      assertThat(one.dropped()).as("dropped, collector down").isPositive();
      assertThat(other.dropped()).as("dropped, collector slow").isPositive();
      assertThat(grown).as("bytes").isLessThan(2 * SoakHeap.mayGrow(SECONDS * 2 / 3));
      GateCases.add(one.calls + other.calls);
    }
  }
}
