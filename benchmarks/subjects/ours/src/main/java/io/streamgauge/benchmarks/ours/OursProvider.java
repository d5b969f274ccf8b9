package io.streamgauge.benchmarks.ours;

import io.grpc.CallOptions;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Cost;
import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import io.streamgauge.benchmarks.sdk.BenchSdk;
import io.streamgauge.benchmarks.worker.Subject;
import io.streamgauge.benchmarks.worker.SubjectProvider;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.otel.PulledMetrics;
import java.util.Optional;

/**
 * Streamgauge in the sizes that are measured. Numbers are all counters, gauges and histograms,
 * shown in a Prometheus registry; everything is those, OpenTelemetry metrics, spans and checkpoints
 * of both sides, and calls that carry a gray tag.
 */
public final class OursProvider implements SubjectProvider {

  private static final double FEW = 0.01;

  @Override
  public Optional<Subject> open(String config) {
    return open(config, new CollectorRegistry()).map(Opened::subject);
  }

  /** A gauge, and what installs it. */
  record Opened(Streamgauge gauge, Subject subject) {}

  static Optional<Opened> open(String config, CollectorRegistry registry) {
    StreamgaugeBuilder numbers = Streamgauge.builder().prometheus(registry);
    return switch (config) {
      case "ours-numbers" -> opened(numbers.grayEnabled(false), false);
      case "ours-numbers-light" -> opened(numbers.grayEnabled(false).cost(Cost.LIGHT), false);
      case "ours-gray" -> opened(numbers, true);
      case "ours-spans" -> opened(numbers.grayEnabled(false).openTelemetry(sdk(1)), false);
      case "ours-spans-1pct" -> opened(numbers.grayEnabled(false).openTelemetry(sdk(FEW)), false);
      case "ours-everything" -> opened(numbers.openTelemetry(sdk(1)), true);
      case "ours-everything-1pct" -> opened(numbers.openTelemetry(sdk(FEW)), true);
      default -> Optional.empty();
    };
  }

  private static OpenTelemetry sdk(double sampled) {
    return BenchSdk.open(
        sampled, true, meters -> meters.registerMetricProducer(PulledMetrics.producer()));
  }

  private static Optional<Opened> opened(StreamgaugeBuilder builder, boolean tagged) {
    Streamgauge gauge = builder.build();
    CallOptions options =
        tagged
            ? CallOptions.DEFAULT.withOption(GrayTags.CALL_OPTION, GrayTag.of("canary"))
            : CallOptions.DEFAULT;
    return Optional.of(
        new Opened(
            gauge,
            new Subject() {
              @Override
              public void install(ServerBuilder<?> server) {
                gauge.install(server);
              }

              @Override
              public void install(ManagedChannelBuilder<?> channel) {
                gauge.install(channel);
              }

              @Override
              public CallOptions options() {
                return options;
              }
            }));
  }
}
