package io.streamgauge.benchmarks.prometheus;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.benchmarks.worker.Subject;
import io.streamgauge.benchmarks.worker.SubjectProvider;
import java.util.Optional;
import me.dinowernli.grpc.prometheus.Configuration;
import me.dinowernli.grpc.prometheus.MonitoringClientInterceptor;
import me.dinowernli.grpc.prometheus.MonitoringServerInterceptor;

/** java-grpc-prometheus with all its metrics. */
public final class PrometheusProvider implements SubjectProvider {

  @Override
  public Optional<Subject> open(String config) {
    if (!config.equals("prometheus")) {
      return Optional.empty();
    }
    Configuration all = Configuration.allMetrics().withCollectorRegistry(new CollectorRegistry());
    return Optional.of(
        new Subject() {
          @Override
          public void install(ServerBuilder<?> server) {
            server.intercept(MonitoringServerInterceptor.create(all));
          }

          @Override
          public void install(ManagedChannelBuilder<?> channel) {
            channel.intercept(MonitoringClientInterceptor.create(all));
          }
        });
  }
}
