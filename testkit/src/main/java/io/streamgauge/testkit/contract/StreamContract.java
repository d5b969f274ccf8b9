package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Base of the suites: a server and a channel with the subject attached to both, and after each test
 * a strict look for what was left over.
 */
@Gate("R5")
public abstract class StreamContract {

  private final List<Runnable> closers = new ArrayList<>();

  protected StreamSubject subject;
  protected Server server;
  protected ManagedChannel channel;

  private final Supplier<StreamSubject> subjects;
  private final TestTransport transport;

  /** A suite over one transport, with a new subject for each test. */
  protected StreamContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    this.subjects = subjects;
    this.transport = transport;
  }

  /**
   * Whether streams may be cancelled before the server knows their call: those are counted, since
   * the transport had them, and have no span, since no call began.
   */
  protected boolean mayCancelEarly() {
    return false;
  }

  protected final TestTransport transport() {
    return transport;
  }

  @BeforeEach
  void open() throws IOException {
    subject = subjects.get();
    server = startServer(TestService.create());
    channel = openChannel(server);
  }

  /** Fails the test that left a stream, a depth or a span behind. */
  @AfterEach
  void leaveNothing() throws InterruptedException {
    channel.shutdownNow();
    closers.forEach(Runnable::run);
    await().untilAsserted(this::assertNothingLeft);
    subject.close();
  }

  private void assertNothingLeft() {
    TestSeries series = subject.scrape();
    assertThat(series.all()).as("an answer of the metrics endpoint").isNotEmpty();
    for (TestSeries.Sample sample : series.all()) {
      if (sample.name().equals("grpc_stream_active")
          || sample.name().startsWith("grpc_stream_buffer_")
          || sample.name().equals("grpc_stream_demand")
          || sample.name().equals("grpc_stream_not_ready")
          || sample.name().equals("grpc_stream_stalled")) {
        assertThat(sample.value()).as(sample.toString()).isZero();
      }
    }
    for (String side : new String[] {"server", "client"}) {
      assertThat(series.sum("grpc_" + side + "_handled_total"))
          .as("ends on the %s", side)
          .isEqualTo(series.sum("grpc_" + side + "_started_total"));
    }
    // Every call has one span a side, and it has ended; an unknown method has none there.
    assertThat(grpcSpans("CLIENT")).isEqualTo((long) series.sum("grpc_client_started_total"));
    long served =
        (long)
            (series.sum("grpc_server_started_total")
                - series.sum("grpc_server_started_total", "grpc_method", "_OTHER"));
    assertThat(grpcSpans("SERVER")).isBetween(mayCancelEarly() ? served * 9 / 10 : served, served);
    assertThat(series.sum("streamgauge_faults_total")).as("swallowed faults").isZero();
  }

  /** Under an agent other libraries make spans too, the tests' own HTTP client among them. */
  private long grpcSpans(String kind) {
    return subject.spans().stream()
        .filter(span -> span.kind().equals(kind))
        .filter(span -> span.attributes().containsKey("rpc.system.name"))
        .count();
  }

  protected Server startServer(ServerServiceDefinition service) throws IOException {
    ServerBuilder<?> builder = transport().server().addService(service);
    subject.attach(builder);
    return start(builder);
  }

  /** Starts a server that the test has attached to; ends with the test. */
  protected Server start(ServerBuilder<?> builder) throws IOException {
    Server started = builder.build().start();
    closers.add(
        () -> {
          started.shutdownNow();
          try {
            started.awaitTermination();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return started;
  }

  protected ManagedChannel openChannel(Server to) {
    ManagedChannelBuilder<?> builder = transport().channel(to);
    subject.attach(builder);
    return open(builder);
  }

  /** Opens a channel that the test has attached to; ends with the test. */
  protected ManagedChannel open(ManagedChannelBuilder<?> builder) {
    ManagedChannel opened = builder.build();
    closers.add(opened::shutdownNow);
    return opened;
  }

  protected String unary(String command) {
    return ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, command);
  }

  /** Sends the commands on a streaming method, half-closes and waits for the end. */
  protected TestCall exchange(MethodDescriptor<String, String> method, String... commands) {
    TestCall call = TestCall.start(channel, method, CallOptions.DEFAULT);
    for (String command : commands) {
      call.send(command);
    }
    call.halfClose();
    call.awaitEnd();
    return call;
  }

  protected void awaitSum(double expected, String name, String... labelPairs) {
    await()
        .untilAsserted(
            () ->
                assertThat(subject.scrape().sum(name, labelPairs))
                    .as("%s%s", name, List.of(labelPairs))
                    .isEqualTo(expected));
  }

  protected static Status.Code codeOf(TestCall call) {
    return call.awaitEnd().getCode();
  }
}
