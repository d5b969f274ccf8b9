package io.streamgauge.benchmarks.micrometer;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingClientInterceptor;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.streamgauge.benchmarks.worker.Subject;
import io.streamgauge.benchmarks.worker.SubjectProvider;
import java.util.Optional;

/** Micrometer's interceptors on its Prometheus registry. */
public final class MicrometerProvider implements SubjectProvider {

  @Override
  public Optional<Subject> open(String config) {
    if (!config.equals("micrometer")) {
      return Optional.empty();
    }
    MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    return Optional.of(
        new Subject() {
          @Override
          public void install(ServerBuilder<?> server) {
            server.intercept(new MetricCollectingServerInterceptor(registry));
          }

          @Override
          public void install(ManagedChannelBuilder<?> channel) {
            channel.intercept(new MetricCollectingClientInterceptor(registry));
          }
        });
  }
}
