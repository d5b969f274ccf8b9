package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One call, several attempts, or none yet; over transports that have addresses. */
public abstract class RetryContract extends StreamContract {

  protected RetryContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  /** A hedge that lost. */
  @Override
  protected boolean mayCancelEarly() {
    return true;
  }

  /** 800 x 1000 bytes at once before a server listens: all wait in connect until one does. */
  @Test
  void whatIsSentBeforeThereIsAServerWaitsInConnect() throws Exception {
    Server gone = startServer(TestService.create());
    int port = gone.getPort();
    gone.shutdownNow().awaitTermination();
    ManagedChannelBuilder<?> builder = transport().channelTo(TestTransport.loopback(port));
    subject.attach(builder);
    ManagedChannel waiting = open(builder);
    TestCall call =
        TestCall.start(waiting, TestMethods.BIDI, CallOptions.DEFAULT.withWaitForReady());
    String large = "x".repeat(1_000);
    for (int i = 0; i < 800; i++) {
      call.send(large);
    }
    awaitSum(800, DepthContract.DEPTH, "side", "client", "stage", "connect");

    ServerBuilder<?> late =
        transport().serverAt(TestTransport.loopback(port)).addService(TestService.create());
    subject.attach(late);
    start(late);
    waiting.resetConnectBackoff();
    awaitSum(800, "grpc_server_msg_received_total");
    awaitSum(0, DepthContract.DEPTH, "side", "client", "stage", "connect");
    call.halfClose();
    assertThat(call.awaitEnd().isOk()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"retryPolicy", "hedgingPolicy"})
  void noDepthIsEverNegativeAndACallCountsOnceHoweverManyItsAttempts(String policy)
      throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    ServerCallHandler<String, String> handler =
        ServerCalls.asyncUnaryCall(
            (request, responses) -> {
              if (attempts.incrementAndGet() % 3 != 0) {
                responses.onError(Status.UNAVAILABLE.asRuntimeException());
              } else {
                responses.onNext(request);
                responses.onCompleted();
              }
            });
    Server failing =
        startServer(
            ServerServiceDefinition.builder(
                    ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                        .addMethod(TestMethods.UNARY)
                        .build())
                .addMethod(TestMethods.UNARY, handler)
                .build());
    ManagedChannelBuilder<?> builder =
        transport().channel(failing).enableRetry().defaultServiceConfig(serviceConfig(policy));
    subject.attach(builder);
    ManagedChannel retrying = open(builder);
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    ScheduledExecutorService scraper = Executors.newSingleThreadScheduledExecutor();
    var scraping =
        scraper.scheduleAtFixedRate(
            () ->
                subject.scrape().all().stream()
                    .filter(sample -> sample.name().startsWith("grpc_") && sample.value() < 0)
                    .forEach(sample -> wrong.add(sample.toString())),
            0,
            5,
            TimeUnit.MILLISECONDS);
    int calls = 300;
    for (int i = 0; i < calls; i++) {
      TestCall call = TestCall.start(retrying, TestMethods.UNARY, CallOptions.DEFAULT);
      call.send("hello");
      call.halfClose();
      call.awaitEnd();
    }

    await()
        .untilAsserted(
            () -> {
              assertThat(subject.scrape().sum("grpc_client_handled_total")).isEqualTo(calls);
              assertThat(subject.scrape().sum("grpc_stream_active")).isZero();
              assertThat(subject.scrape().sum(DepthContract.DEPTH)).isZero();
              assertThat(subject.scrape().sum(BytesContract.BYTES)).isZero();
            });
    scraping.cancel(false);
    scraper.shutdownNow();
    assertThat(wrong).isEmpty();
    assertThat(attempts.get()).as("attempts").isGreaterThan(calls);
    assertThat(subject.scrape().sum("grpc_client_started_total")).isEqualTo(calls);
    assertThat(subject.scrape().sum("grpc_client_msg_sent_total")).isEqualTo(calls);
  }

  private static Map<String, Object> serviceConfig(String policy) {
    Map<String, Object> hedging =
        Map.of(
            "maxAttempts",
            4.0,
            "hedgingDelay",
            "0.001s",
            "nonFatalStatusCodes",
            List.of("UNAVAILABLE"));
    return serviceConfig(policy, policy.equals("retryPolicy") ? retry(4, "UNAVAILABLE") : hedging);
  }

  /** Tries again at once, after that status. */
  static Map<String, Object> retry(double attempts, String code) {
    return Map.of(
        "maxAttempts",
        attempts,
        "initialBackoff",
        "0.001s",
        "maxBackoff",
        "0.002s",
        "backoffMultiplier",
        1.0,
        "retryableStatusCodes",
        List.of(code));
  }

  /** The policy of that name, for all methods of the test service. */
  static Map<String, Object> serviceConfig(String name, Map<String, Object> policy) {
    Map<String, Object> service = Map.of("service", TestMethods.SERVICE);
    return Map.of("methodConfig", List.of(Map.of("name", List.of(service), name, policy)));
  }
}
