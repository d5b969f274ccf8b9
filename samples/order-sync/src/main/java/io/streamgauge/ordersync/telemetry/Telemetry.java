package io.streamgauge.ordersync.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.streamgauge.Streamgauge;
import io.streamgauge.console.Console;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.routing.GrayLoadBalancerProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What makes a process of the sample visible: spans to the viewer, numbers on a port of its own.
 */
public final class Telemetry {

  private Telemetry() {}

  /**
   * Starts it.
   *
   * @param service name of the process in traces
   * @param otlp where spans go, for example {@code http://127.0.0.1:9470}; null if they are not
   *     exported
   * @param consolePort port for /metrics and /api/streams
   * @throws IOException if the port is taken
   * @throws IllegalArgumentException naming a wrong configuration key
   */
  public static Attachment start(String service, String otlp, int consolePort) throws IOException {
    OpenTelemetrySdk sdk = sdk(service, otlp);
    DefaultExports.initialize();
    Streamgauge gauge =
        Streamgauge.builder()
            .openTelemetry(sdk)
            .prometheus(CollectorRegistry.defaultRegistry)
            .messageField("metadata")
            .gray(GrayPolicy.builder().allow("gray").build())
            .fromEnvironment()
            .build();
    try {
      Console console = Console.builder(gauge).port(consolePort).build().start();
      Runnable unregister = GrayLoadBalancerProvider.register(gauge);
      return new InCode(
          gauge, sdk.getTracer("ordersync"), () -> end(sdk, console, gauge, unregister));
    } catch (IOException e) {
      throw new IOException("port " + consolePort + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static OpenTelemetrySdk sdk(String service, String otlp) {
    Resource resource =
        Resource.getDefault()
            .merge(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), service)));
    var provider = SdkTracerProvider.builder().setResource(resource);
    if (otlp != null) {
      // A burst of spans must fit: two per shipped order, thousands of orders a second at most.
      provider.addSpanProcessor(
          BatchSpanProcessor.builder(
                  OtlpHttpSpanExporter.builder()
                      .setEndpoint(otlp + "/v1/traces")
                      .setTimeout(Duration.ofSeconds(5))
                      .build())
              .setMaxQueueSize(65_536)
              .setMaxExportBatchSize(2_048)
              .setScheduleDelay(Duration.ofMillis(500))
              .build());
    }
    return OpenTelemetrySdk.builder()
        .setTracerProvider(provider.build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }

  /** Sends the spans that are still queued, then closes the port. */
  private static void end(
      OpenTelemetrySdk sdk, Console console, Streamgauge gauge, Runnable unregister) {
    unregister.run();
    sdk.getSdkTracerProvider().forceFlush().join(10, TimeUnit.SECONDS);
    sdk.close();
    console.stop();
    gauge.close();
  }
}
