package io.grpc.testing.integration;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.AfterClass;
import org.junit.Before;

/**
 * grpc-java's interop suite, unmodified, over Netty with interceptors and tracers on both sides. It
 * must pass as without us, and every stream it started must have ended. In this package because the
 * suite tells its address only there.
 */
public class StreamgaugeInteropTest extends PlainInterop {

  private static final CollectorRegistry registry = new CollectorRegistry();
  private static final Streamgauge gauge =
      Streamgauge.builder()
          .openTelemetry(
              OpenTelemetrySdk.builder()
                  .setTracerProvider(SdkTracerProvider.builder().build())
                  .build())
          .prometheus(registry)
          .build();

  private static final AtomicInteger ran = new AtomicInteger();

  @Before
  public void count() {
    ran.incrementAndGet();
  }

  @Override
  protected ServerBuilder<?> getServerBuilder() {
    ServerBuilder<?> builder = super.getServerBuilder();
    gauge.install(builder);
    return builder;
  }

  @Override
  protected ManagedChannelBuilder<?> createChannelBuilder() {
    ManagedChannelBuilder<?> builder = super.createChannelBuilder();
    gauge.install(builder);
    return builder;
  }

  @AfterClass
  public static void everyStartedStreamIsClosed() {
    await()
        .untilAsserted(
            () -> {
              for (String side : new String[] {"client", "server"}) {
                double started = sum("grpc_" + side + "_started_total");
                assertThat(started).isGreaterThan(30);
                assertThat(sum("grpc_" + side + "_handled_total")).isEqualTo(started);
              }
              assertThat(sum("grpc_stream_active")).isZero();
              assertThat(sum("grpc_stream_buffer_depth")).isZero();
              assertThat(sum("streamgauge_faults_total")).isZero();
            });
    assertThat(gauge.liveStreams()).isEmpty();
    assertThat(ran.get()).as("cases of the suite").isEqualTo(35);
  }

  private static double sum(String name) {
    double sum = 0;
    for (MetricFamilySamples family : Collections.list(registry.metricFamilySamples())) {
      for (MetricFamilySamples.Sample sample : family.samples) {
        if (sample.name.equals(name)) {
          sum += sample.value;
        }
      }
    }
    return sum;
  }
}
