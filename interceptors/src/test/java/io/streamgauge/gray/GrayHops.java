package io.streamgauge.gray;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A stranger's client, a server with a gauge, and a last server without one that answers what came
 * over the wire: {@code null|header|baggage}.
 */
public final class GrayHops implements AutoCloseable {

  public final CollectorRegistry registry = new CollectorRegistry();
  public final Streamgauge gauge;
  public final ManagedChannel stranger;
  private final List<Runnable> closers = new ArrayList<>();

  public GrayHops(GrayPolicy policy) throws IOException {
    this(
        builder -> builder.gray(policy),
        TestHop::create,
        server -> {},
        TestTransport.NETTY_SHADED::channel);
  }

  public GrayHops(
      Consumer<StreamgaugeBuilder> configure,
      Function<ManagedChannel, ServerServiceDefinition> service,
      Consumer<ServerBuilder<?>> more,
      Function<Server, ManagedChannelBuilder<?>> client)
      throws IOException {
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder().build())
            .setPropagators(
                ContextPropagators.create(
                    TextMapPropagator.composite(
                        W3CTraceContextPropagator.getInstance(),
                        W3CBaggagePropagator.getInstance())))
            .build();
    StreamgaugeBuilder builder = Streamgauge.builder().openTelemetry(sdk).prometheus(registry);
    configure.accept(builder);
    gauge = builder.build();
    Server last =
        TestTransport.NETTY_SHADED.server().addService(TestHop.create(null)).build().start();
    ManagedChannelBuilder<?> onward = TestTransport.NETTY_SHADED.channel(last);
    gauge.install(onward);
    ManagedChannel next = onward.build();
    ServerBuilder<?> first = TestTransport.NETTY_SHADED.server().addService(service.apply(next));
    more.accept(first);
    gauge.install(first);
    Server server = first.build().start();
    stranger = client.apply(server).build();
    closers.add(stranger::shutdownNow);
    closers.add(server::shutdownNow);
    closers.add(next::shutdownNow);
    closers.add(last::shutdownNow);
    closers.add(gauge::close);
    closers.add(sdk::close);
  }

  public static Metadata headers(String... pairs) {
    Metadata headers = new Metadata();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.put(Metadata.Key.of(pairs[i], Metadata.ASCII_STRING_MARSHALLER), pairs[i + 1]);
    }
    return headers;
  }

  public TestCall call(Metadata headers) {
    TestCall call = TestCall.start(stranger, TestMethods.UNARY, CallOptions.DEFAULT, headers, 2);
    call.send("go");
    call.halfClose();
    call.awaitEnd();
    return call;
  }

  /** What the last server saw. */
  public String seen(String... headers) {
    return call(headers(headers)).messages().get(0);
  }

  public double sum(String name, String... labels) {
    return LibrarySubject.scrape(registry).sum(name, labels);
  }

  @Override
  public void close() {
    closers.forEach(Runnable::run);
  }
}
