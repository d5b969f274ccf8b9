package io.streamgauge.benchmarks.grpcotel;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.streamgauge.benchmarks.sdk.BenchSdk;
import io.streamgauge.benchmarks.worker.Subject;
import io.streamgauge.benchmarks.worker.SubjectProvider;
import java.util.Optional;

/**
 * grpc-java's own plugin. Its tracing is behind the variable {@code
 * GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING}, which the runner sets for {@code grpc-otel} alone.
 */
public final class GrpcOtelProvider implements SubjectProvider {

  @Override
  public Optional<Subject> open(String config) {
    boolean tracing = config.equals("grpc-otel");
    if (!tracing && !config.equals("grpc-otel-metrics")) {
      return Optional.empty();
    }
    if (tracing != Boolean.parseBoolean(System.getenv("GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING"))) {
      throw new IllegalStateException("GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING is not " + tracing);
    }
    GrpcOpenTelemetry plugin = GrpcOpenTelemetry.newBuilder().sdk(BenchSdk.open(1, false)).build();
    return Optional.of(
        new Subject() {
          @Override
          public void install(ServerBuilder<?> server) {
            plugin.configureServerBuilder(server);
          }

          @Override
          public void install(ManagedChannelBuilder<?> channel) {
            plugin.configureChannelBuilder(channel);
          }
        });
  }
}
