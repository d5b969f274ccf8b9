package io.streamgauge.internal.grpc;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A caller that sends anything (gates R2, R3): nothing is thrown by us, nothing logged, no series
 * made, nothing kept, and the next caller is served.
 */
@Tag("attack")
@Gate("R3")
@Isolated("looks at the whole heap and at the log")
class HostileCallerTest {

  private static final int VALUES = 10_000;
  private static final String ECHO = "/" + TestMethods.UNARY.getFullMethodName();

  /** Series that one known method can have in all, whatever its callers say. */
  private static final int SERIES = 400;

  private final LibrarySubject subject = new LibrarySubject();
  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger("io.streamgauge");
  private final Handler lines =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          logged.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private Server server;
  private RawHttp2 attacker;

  @BeforeEach
  void serve() throws Exception {
    logger.addHandler(lines);
    ServerBuilder<?> builder = TestTransport.NETTY_SHADED.server().addService(TestService.create());
    subject.attach(builder);
    server = builder.build().start();
    attacker = new RawHttp2(server.getPort());
  }

  @AfterEach
  void stop() {
    attacker.close();
    server.shutdownNow();
    subject.close();
    logger.removeHandler(lines);
  }

  /** Text near what is right, text of any kind, and bytes. */
  private static Arbitrary<byte[]> values() {
    Arbitrary<byte[]> near =
        Arbitraries.of(
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "canary",
                "gray.tag=canary,a=b;c=d",
                "vendor=value,other=value")
            .flatMap(
                right ->
                    Arbitraries.integers()
                        .between(0, right.length() - 1)
                        .flatMap(
                            at ->
                                Arbitraries.chars()
                                    .range(' ', '~')
                                    .map(
                                        c -> right.substring(0, at) + c + right.substring(at + 1))))
            .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    Arbitrary<byte[]> text =
        Arbitraries.strings()
            .withCharRange(' ', '~')
            .ofMaxLength(600)
            .map(value -> value.getBytes(StandardCharsets.ISO_8859_1));
    Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
    return Arbitraries.oneOf(near, text, bytes);
  }

  private static void generate(Consumer<byte[]> each) {
    JqwikSession.run(() -> values().sampleStream().limit(VALUES).forEach(each));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"traceparent", "tracestate", "baggage", "x-env-tag", "x-request-id", "x-any-bin"})
  void anyValueOfAHeader(String name) throws Exception {
    generate(value -> send(ECHO, Map.of(name, value), false));
    attacker.rest();
    // The transport refuses some before there is a call, and nearly all that are not base64.
    assertUntouched(VALUES, name.endsWith("-bin") ? 0 : VALUES / 2);
  }

  @Test
  void anyMethod() throws Exception {
    Random random = new Random(3);
    for (int i = 0; i < VALUES; i++) {
      send("/no.such." + Long.toHexString(random.nextLong()) + "/M" + i, Map.of(), false);
    }
    attacker.rest();
    assertUntouched(VALUES, VALUES);
    assertThat(subject.scrape().sum("grpc_server_handled_total", "grpc_method", "_OTHER"))
        .isEqualTo(VALUES);
  }

  /** Rapid reset: each call is taken back as it is made. */
  @Test
  void callsThatAreTakenBackAtOnce() throws Exception {
    for (int i = 0; i < VALUES; i++) {
      send(ECHO, Map.of(), true);
    }
    attacker.rest();
    assertUntouched(VALUES, VALUES / 2);
  }

  @Test
  void tagsWithoutEndMakeAFewLanes() throws Exception {
    for (int i = 0; i < VALUES; i++) {
      send(ECHO, Map.of("x-env-tag", ("t" + i).getBytes(StandardCharsets.US_ASCII)), false);
    }
    attacker.rest();
    assertUntouched(VALUES, VALUES);
  }

  @Test
  void headersThatAreTooLarge() throws Exception {
    for (int i = 0; i < 200; i++) {
      send(ECHO, Map.of("x-large", new byte[9_000 + 100 * i]), false);
    }
    attacker.rest();
    assertUntouched(200, 0); // gRPC's transport refuses them all
  }

  /** A million calls may leave no more than 5 MB behind. */
  @Test
  void nothingIsKept() throws Exception {
    int calls = Boolean.getBoolean("test.full") ? 1_000_000 : 50_000;
    // Without the exporter of the other tests, which keeps every span.
    try (Streamgauge gauge = Streamgauge.builder().prometheus(new CollectorRegistry()).build()) {
      ServerBuilder<?> builder =
          TestTransport.NETTY_SHADED.server().addService(TestService.create());
      gauge.install(builder);
      Server quiet = builder.build().start();
      try (RawHttp2 caller = new RawHttp2(quiet.getPort())) {
        tagged(caller, 0, 10_000);
        await().until(() -> gauge.liveStreams().isEmpty());
        long before = heap();
        tagged(caller, 10_000, calls);
        await().until(() -> gauge.liveStreams().isEmpty());
        assertThat(heap() - before).as("bytes").isLessThan(5_000_000);
      }
      quiet.shutdownNow();
    }
  }

  private static void tagged(RawHttp2 caller, int from, int count) throws InterruptedException {
    for (int i = from; i < from + count; i++) {
      byte[] value = ("v" + i).getBytes(StandardCharsets.US_ASCII);
      caller.call(ECHO, Map.of("x-env-tag", value, "x-request-id", value), false);
    }
    caller.rest();
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private void send(String path, Map<String, byte[]> headers, boolean reset) {
    try {
      attacker.call(path, headers, reset);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void assertUntouched(int tried, int calls) {
    ManagedChannel channel = TestTransport.NETTY_SHADED.channel(server).build();
    String answer =
        ClientCalls.blockingUnaryCall(
            channel, TestMethods.UNARY, CallOptions.DEFAULT, "still there");
    channel.shutdownNow();
    assertThat(answer).isEqualTo("still there");
    await().until(() -> subject.gauge().liveStreams().isEmpty());
    assertThat(subject.scrape().sum("grpc_server_started_total"))
        .as("calls that came through")
        .isGreaterThan(calls);
    assertThat(subject.scrape().sum("streamgauge_faults_total")).isZero();
    assertThat(logged).isEmpty();
    assertThat(subject.scrape().all().size()).isLessThan(SERIES);
    GateCases.add(tried);
  }
}
