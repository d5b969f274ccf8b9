package io.streamgauge.compat.jaeger;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A client and a server in this JVM, over real sockets, as two services on two hosts: each with a
 * gauge and an OpenTelemetry of its own. What they export is kept here too.
 */
final class Observed implements AutoCloseable {

  static final String CLIENT = "test-client";
  static final String SERVER = "test-server";

  private final InMemorySpanExporter sent = InMemorySpanExporter.create();
  private final OpenTelemetrySdk clientSdk;
  private final OpenTelemetrySdk serverSdk;
  final Streamgauge clientGauge;
  final Streamgauge serverGauge;
  private final Server server;
  final ManagedChannel channel;

  /**
   * Starts both.
   *
   * @param otlp where spans go
   * @param configured what the gauges are built with
   */
  Observed(
      List<String> otlp,
      UnaryOperator<StreamgaugeBuilder> configured,
      ServerServiceDefinition... services)
      throws IOException {
    clientSdk = sdk(CLIENT, otlp);
    serverSdk = sdk(SERVER, otlp);
    clientGauge = configured.apply(Streamgauge.builder().openTelemetry(clientSdk)).build();
    serverGauge = configured.apply(Streamgauge.builder().openTelemetry(serverSdk)).build();
    ServerBuilder<?> serverBuilder =
        TestTransport.NETTY_SHADED.server().addServices(List.of(services));
    serverGauge.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
    clientGauge.install(channelBuilder);
    channel = channelBuilder.build();
  }

  private OpenTelemetrySdk sdk(String service, List<String> otlp) {
    SdkTracerProviderBuilder provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        service,
                        AttributeKey.stringKey("host.name"),
                        "host-of-" + service)))
            .addSpanProcessor(SimpleSpanProcessor.create(sent));
    for (String each : otlp) {
      provider.addSpanProcessor(
          BatchSpanProcessor.builder(
                  OtlpHttpSpanExporter.builder().setEndpoint(each + "/v1/traces").build())
              .setMaxQueueSize(65_536)
              .setMaxExportBatchSize(2_048)
              .build());
    }
    return OpenTelemetrySdk.builder()
        .setTracerProvider(provider.build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }

  OpenTelemetrySdk client() {
    return clientSdk;
  }

  /** Every span that was made, once all of them have been exported. */
  List<SpanData> flushed() {
    for (OpenTelemetrySdk sdk : List.of(clientSdk, serverSdk)) {
      boolean flushed =
          sdk.getSdkTracerProvider().forceFlush().join(60, TimeUnit.SECONDS).isSuccess();
      if (!flushed) {
        throw new AssertionError("the spans could not be exported");
      }
    }
    return new ArrayList<>(sent.getFinishedSpanItems());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    clientGauge.close();
    serverGauge.close();
    clientSdk.close();
    serverSdk.close();
  }
}
