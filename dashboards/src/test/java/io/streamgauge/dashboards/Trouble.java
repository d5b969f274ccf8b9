package io.streamgauge.dashboards;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.MessageCarrier;
import io.streamgauge.Streamgauge;
import io.streamgauge.console.Console;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestJvm;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * A process with every trouble the catalogue has a number for, so that no panel is empty: what
 * order-sync, being healthy, never shows.
 */
final class Trouble implements AutoCloseable {

  /** Above this many methods of one process the ceiling of a metric is reached. */
  private static final int METHODS = 700;

  private static final GrayPolicy POLICY = GrayPolicy.builder().allow("gray").build();

  private final CollectorRegistry registry = new CollectorRegistry();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder().setTracerProvider(SdkTracerProvider.builder().build()).build();
  private final Streamgauge gauge =
      Streamgauge.builder()
          .openTelemetry(sdk)
          .prometheus(registry)
          .gray(POLICY)
          .stallAfter(Duration.ofSeconds(5))
          .messageCarrier(String.class, new Broken())
          .build();
  private final Console console;
  private final Server server;
  private final ManagedChannel channel;
  private final ManagedChannel plain;
  private final ManagedChannel nowhere;
  private final Server narrow;
  private final ManagedChannel limited;
  private TestCall ignored;
  private TestCall onTheWire;
  private TestCall waiting;
  private int turns;

  /** A user's carrier that fails. */
  private static final class Broken implements MessageCarrier<String> {
    @Override
    public Map<String, String> read(String message) {
      throw new IllegalStateException("a broken carrier");
    }

    @Override
    public String write(String message, Map<String, String> values) {
      return message;
    }
  }

  Trouble() throws IOException {
    console = Console.builder(gauge).registry(registry).port(0).build().start();
    ServerBuilder<?> serverBuilder =
        TestTransport.NETTY_SHADED.server().addService(TestService.create());
    gauge.install(serverBuilder);
    server = serverBuilder.build().start();
    channel = watched(TestTransport.NETTY_SHADED.channel(server));
    ServerBuilder<?> one = TestTransport.NETTY_SHADED.server().addService(TestService.create());
    TestTransport.NETTY_SHADED.concurrentCalls(one, 1);
    narrow = one.build().start();
    limited = watched(TestTransport.NETTY_SHADED.channel(narrow));
    onTheWire = TestCall.start(limited, TestMethods.BIDI, CallOptions.DEFAULT);
    waiting = TestCall.start(limited, TestMethods.BIDI, CallOptions.DEFAULT);
    plain = TestTransport.NETTY_SHADED.channel(server).build();
    nowhere =
        watched(NettyChannelBuilder.forAddress("127.0.0.1", TestJvm.freePort()).usePlaintext());
  }

  private ManagedChannel watched(ManagedChannelBuilder<?> builder) {
    gauge.install(builder);
    return builder.build();
  }

  int consolePort() {
    return console.port();
  }

  /** A consumer that asks for nothing while the server has much to say: stalls after 5 s. */
  TestCall stall() {
    TestCall call =
        TestCall.start(channel, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, new Metadata(), 0);
    call.send("large:200:10000");
    call.halfClose();
    return call;
  }

  /** What stays as it is: waits for a connection, and is asked for and not delivered. */
  void begin() {
    TestCall waiting =
        TestCall.start(nowhere, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    for (int i = 0; i < 10; i++) {
      waiting.send("waits");
    }
    TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT, new Metadata(), 1_000);
    Metadata gray = new Metadata();
    gray.put(TestHop.TAG, "gray");
    TestCall tagged =
        TestCall.start(channel, TestMethods.SERVER_STREAM, CallOptions.DEFAULT, gray, 0);
    tagged.send("count:10");
    tagged.halfClose();
    // Before the ceiling is reached: those that come after it are not shown.
    again();
    for (int i = 0; i < METHODS; i++) {
      call("nobody.Has/Method" + i, new Metadata());
    }
  }

  /** What has to happen again and again to have a rate. */
  void again() {
    // One call goes on, the other one waits four seconds for it: the peer allows one at a time.
    onTheWire.send("goes on");
    if (++turns % 8 == 0) {
      onTheWire.halfClose();
      onTheWire = waiting;
      waiting = TestCall.start(limited, TestMethods.BIDI, CallOptions.DEFAULT);
    }
    if (ignored != null) {
      ignored.cancel();
    }
    ignored = stall();
    call("nobody.Has/Method", new Metadata());
    Metadata bad = new Metadata();
    bad.put(TestHop.TAG, "no tag at all");
    call(TestMethods.UNARY.getFullMethodName(), bad);
    Metadata large = new Metadata();
    large.put(Metadata.Key.of("x-large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(7_300));
    call(TestMethods.UNARY.getFullMethodName(), large);
    Metadata half = new Metadata();
    half.put(TestHop.TAG, "gray");
    start(plain, TestMethods.UNARY.getFullMethodName(), half);
    gauge.grayPolicy(POLICY);
    Span span = sdk.getTracer("trouble").spanBuilder("caller").startSpan();
    try (Scope scope = Context.root().with(span).makeCurrent()) {
      call(TestMethods.UNARY.getFullMethodName(), new Metadata());
    }
    span.end();
  }

  private void call(String method, Metadata headers) {
    start(channel, method, headers);
  }

  private static void start(ManagedChannel to, String method, Metadata headers) {
    // As generated code says of its methods: others share a hundred series.
    MethodDescriptor<String, String> generated =
        TestMethods.unary(method).toBuilder().setSampledToLocalTracing(true).build();
    ClientCall<String, String> call = to.newCall(generated, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, headers);
    call.request(2);
    call.sendMessage("count:1");
    call.halfClose();
  }

  @Override
  public void close() {
    nowhere.shutdownNow();
    limited.shutdownNow();
    narrow.shutdownNow();
    channel.shutdownNow();
    plain.shutdownNow();
    server.shutdownNow();
    console.stop();
    gauge.close();
    sdk.close();
  }
}
