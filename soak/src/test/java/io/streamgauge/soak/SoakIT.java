package io.streamgauge.soak;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Streams come and go for as long as {@link SoakHeap#SECONDS} says: the heap stays where it was, no
 * object of ours is left, and Netty's leak detector finds nothing (gate R7).
 */
@Tag("leak")
@Gate("R7")
class SoakIT {

  private static final Logger netty = Logger.getLogger("io.netty.util.ResourceLeakDetector");

  private final List<String> leaks = new CopyOnWriteArrayList<>();
  private final Handler lines =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          leaks.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @Test
  void nothingIsLeftOfStreamsThatCameAndWent() throws Exception {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    netty.addHandler(lines);
    int perTick = SoakHeap.SECONDS > 600 ? 10 : 5; // each: a call and a stream, 100 times a second
    try (OpenTelemetrySdk sdk =
            OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().build())
                .build();
        Streamgauge gauge =
            Streamgauge.builder()
                .openTelemetry(sdk)
                .prometheus(new CollectorRegistry())
                .gray(GrayPolicy.builder().allow("canary").build())
                .build();
        TestPair pair = TestPair.open(TestTransport.NETTY, gauge::install, gauge::install)) {
      SoakChurn churn = new SoakChurn(pair.channel());
      churn.run(SoakHeap.SECONDS / 4, perTick);
      await().until(() -> gauge.liveStreams().isEmpty());
      long heap = SoakHeap.live();
      long objects = SoakHeap.ourObjects();

      churn.run(SoakHeap.SECONDS * 3 / 4, perTick);
      await().until(() -> gauge.liveStreams().isEmpty());
      System.out.printf(
          "soak: calls=%d ends=%s heap=%+d objects=%d->%d leaks=%d%n",
          churn.started(),
          churn.ends(),
          SoakHeap.live() - heap,
          objects,
          SoakHeap.ourObjects(),
          leaks.size());
      assertThat(churn.ends().values().stream().mapToLong(n -> n.sum()).sum())
          .isEqualTo(churn.started());
      assertThat(churn.ends()).containsKeys(Status.Code.OK, Status.Code.CANCELLED);
      // Series and exemplars of what came late; a stream that stayed would be thousands.
      assertThat(SoakHeap.ourObjects()).isLessThanOrEqualTo(objects + objects / 100 + 30);
      assertThat(SoakHeap.live() - heap)
          .as("bytes")
          .isLessThan(SoakHeap.mayGrow(SoakHeap.SECONDS * 3 / 4));
      assertThat(leaks).isEmpty();
      GateCases.add(churn.started());
    } finally {
      netty.removeHandler(lines);
    }
  }
}
