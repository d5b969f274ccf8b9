package io.streamgauge.benchmarks.otel;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.opentelemetry.instrumentation.grpc.v1_6.GrpcTelemetry;
import io.streamgauge.benchmarks.sdk.BenchSdk;
import io.streamgauge.benchmarks.worker.Subject;
import io.streamgauge.benchmarks.worker.SubjectProvider;
import java.util.Optional;

/** The library of OpenTelemetry's instrumentation project; or only its jar, and no call uses it. */
public final class OtelProvider implements SubjectProvider {

  private static final double FEW = 0.01;

  @Override
  public Optional<Subject> open(String config) {
    return switch (config) {
      case "otel" -> Optional.of(new Otel(1));
      case "otel-1pct" -> Optional.of(new Otel(FEW));
      case "otel-jar-only" -> Optional.of(Subject.BARE);
      default -> Optional.empty();
    };
  }

  private static final class Otel implements Subject {
    private final GrpcTelemetry telemetry;

    Otel(double sampled) {
      telemetry = GrpcTelemetry.create(BenchSdk.open(sampled, false));
    }

    @Override
    public void install(ServerBuilder<?> server) {
      server.intercept(telemetry.createServerInterceptor());
    }

    @Override
    public void install(ManagedChannelBuilder<?> channel) {
      channel.intercept(telemetry.createClientInterceptor());
    }
  }
}
