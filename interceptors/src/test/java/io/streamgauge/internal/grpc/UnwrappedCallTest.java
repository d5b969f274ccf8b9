package io.streamgauge.internal.grpc;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A unary call of a server's that only its tracer and its listener tell of. */
class UnwrappedCallTest {

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                  .build())
          .build();
  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge =
      Streamgauge.builder()
          .openTelemetry(sdk)
          .prometheus(registry)
          .gray(GrayPolicy.builder().allow("gray").rejectInvalid(true).build())
          .build();
  private Server server;
  private ManagedChannel channel;

  private void start(ServerCalls.UnaryMethod<String, String> handler) throws IOException {
    ServerBuilder<?> serving =
        TestTransport.NETTY_SHADED
            .server()
            .addService(
                ServerServiceDefinition.builder(TestMethods.UNARY.getServiceName())
                    .addMethod(TestMethods.UNARY, ServerCalls.asyncUnaryCall(handler))
                    .build());
    gauge.install(serving);
    server = serving.build().start();
    channel = TestTransport.NETTY_SHADED.channel(server).build();
  }

  private Status call(Metadata headers) {
    TestCall call = TestCall.start(channel, TestMethods.UNARY, CallOptions.DEFAULT, headers, 2);
    call.send("hello");
    call.halfClose();
    return call.awaitEnd();
  }

  private SpanData span() {
    await().until(() -> exporter.getFinishedSpanItems().size() == 1);
    List<SpanData> spans = exporter.getFinishedSpanItems();
    return spans.get(0);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
    gauge.close();
    sdk.close();
  }

  private static void answer(String request, StreamObserver<String> responses) {
    responses.onNext(request);
    responses.onCompleted();
  }

  @Test
  void itsMessagesAreCountedAndItsSpanKnowsTheCaller() throws Exception {
    start(UnwrappedCallTest::answer);

    assertThat(call(new Metadata()).isOk()).isTrue();
    assertThat(span().getAttributes().get(AttributeKey.stringKey("network.peer.address")))
        .isEqualTo("127.0.0.1");
    assertThat(LibrarySubject.scrape(registry).sum("grpc_server_msg_sent_total")).isEqualTo(1);
    assertThat(LibrarySubject.scrape(registry).sum("grpc_server_msg_received_total")).isEqualTo(1);
  }

  /** Only a servlet container tells by such an exception that the caller is gone. */
  @Test
  void anInputFailureOfTheApplicationIsItsOwn() throws Exception {
    start((request, responses) -> responses.onError(new IOException("a file is missing")));

    assertThat(call(new Metadata()).getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(span().getAttributes().get(AttributeKey.stringKey("rpc.status_code")))
        .isEqualTo("UNKNOWN");
    assertThat(
            LibrarySubject.scrape(registry)
                .sum("grpc_server_handled_total", "grpc_code", "Unknown"))
        .isEqualTo(1);
  }

  @Test
  void oneThatIsRefusedKnowsTheCallerToo() throws Exception {
    start(UnwrappedCallTest::answer);
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-env-tag", Metadata.ASCII_STRING_MARSHALLER), "no such tag");

    assertThat(call(headers).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(span().getAttributes().get(AttributeKey.stringKey("network.peer.address")))
        .isEqualTo("127.0.0.1");
  }
}
