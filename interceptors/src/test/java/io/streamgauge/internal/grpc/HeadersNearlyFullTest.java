package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** grpc-java refuses headers above 8 KiB: what we add must not be what is too much. */
@Gate("R2")
class HeadersNearlyFullTest {

  private static final Metadata.Key<String> PAD =
      Metadata.Key.of("x-pad", Metadata.ASCII_STRING_MARSHALLER);

  private final CollectorRegistry registry = new CollectorRegistry();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(SdkTracerProvider.builder().build())
          .setPropagators(
              ContextPropagators.create(
                  TextMapPropagator.composite(
                      W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
          .build();
  private final Streamgauge gauge =
      Streamgauge.builder().openTelemetry(sdk).prometheus(registry).build();
  private Server server;
  private ManagedChannel with;
  private ManagedChannel without;

  @BeforeEach
  void start() throws Exception {
    server = TestTransport.NETTY_SHADED.server().addService(TestHop.create(null)).build().start();
    ManagedChannelBuilder<?> watched = TestTransport.NETTY_SHADED.channel(server);
    gauge.install(watched);
    with = watched.build();
    without = TestTransport.NETTY_SHADED.channel(server).build();
  }

  @AfterEach
  void stop() {
    with.shutdownNow();
    without.shutdownNow();
    server.shutdownNow();
    gauge.close();
    sdk.close();
  }

  private static TestCall call(ManagedChannel channel, int padding, CallOptions options) {
    Metadata headers = new Metadata();
    headers.put(PAD, "x".repeat(padding));
    TestCall call = TestCall.start(channel, TestMethods.UNARY, options, headers, 2);
    call.send("go");
    call.halfClose();
    call.awaitEnd();
    return call;
  }

  @Test
  void eachCallEndsAsItWouldWithoutUs() {
    // The longest tag: the most we add.
    CallOptions tagged =
        CallOptions.DEFAULT.withOption(GrayTags.CALL_OPTION, GrayTag.of("a".repeat(32)));
    int failed = 0;
    int sent = 0;
    for (int padding = 6_000; padding <= 8_192; padding += 64) {
      TestCall ours = call(with, padding, tagged);
      TestCall bare = call(without, padding, CallOptions.DEFAULT);
      assertThat(ours.awaitEnd().getCode())
          .as("%s bytes", padding)
          .isEqualTo(bare.awaitEnd().getCode());
      failed += bare.awaitEnd().isOk() ? 0 : 1;
      GateCases.add(1);
      sent += ours.received() > 0 && ours.messages().get(0).contains("|aaa") ? 1 : 0;
    }
    assertThat(failed).as("sizes that never work").isPositive();
    assertThat(sent).as("sizes with room for ours").isPositive();
    assertThat(LibrarySubject.scrape(registry).sum("streamgauge_refused_total", "what", "headers"))
        .isPositive();
  }

  /** Legal by W3C, and more than all headers may be together. */
  @Test
  void aBaggageThatIsTooLargeIsLeftOutAndTheTagIsNot() {
    Baggage large = Baggage.builder().put("cart", "x".repeat(7_500)).build();
    Context context = GrayTags.with(Context.root().with(large), GrayTag.of("blue"));
    try (Scope scope = context.makeCurrent()) {
      TestCall call = call(with, 10, CallOptions.DEFAULT);
      assertThat(call.awaitEnd().isOk()).isTrue();
      assertThat(call.messages()).containsExactly("null|blue|gray.tag=blue");
    }
    assertThat(LibrarySubject.scrape(registry).sum("streamgauge_refused_total", "what", "baggage"))
        .isEqualTo(1);
  }
}
