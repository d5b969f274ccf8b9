package io.streamgauge.testkit;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The smallest application, for an agent to attach to: one server, one channel, one unary and one
 * bidi call. Then it looks at the agent's own Prometheus endpoint and exits with 1 unless every
 * number is there and right: an agent that attached to nothing says nothing, so somebody must ask.
 *
 * <p>Needs no more than the JDK, grpc and one transport. Arguments: the transport, then {@code
 * bytes}, {@code nobytes}, {@code any} or {@code off} for what is to be seen.
 */
public final class TestCanary {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private TestCanary() {}

  public static void main(String[] args) throws Exception {
    TestTransport transport = TestTransport.valueOf(args[0]);
    Server server = transport.server().addService(TestService.create()).build().start();
    ManagedChannel channel = transport.channel(server).build();
    String answer =
        ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    conversation(channel);
    List<String> wrong = wrong(args[1]);
    long begun = System.nanoTime();
    while (!wrong.isEmpty() && System.nanoTime() - begun < PATIENCE_NANOS) {
      TimeUnit.MILLISECONDS.sleep(50);
      wrong = wrong(args[1]);
    }
    channel.shutdownNow();
    server.shutdownNow();
    System.out.println("canary: " + answer + " " + (wrong.isEmpty() ? "ok" : "WRONG " + wrong));
    System.exit(wrong.isEmpty() ? 0 : 1);
  }

  private static void conversation(ManagedChannel channel) throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    StreamObserver<String> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(TestMethods.BIDI, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(String message) {}

              @Override
              public void onError(Throwable failure) {
                over.countDown();
              }

              @Override
              public void onCompleted() {
                over.countDown();
              }
            });
    for (int i = 0; i < 3; i++) {
      requests.onNext("message " + i);
    }
    requests.onCompleted();
    over.await(20, TimeUnit.SECONDS);
  }

  private static List<String> wrong(String mode) throws IOException, InterruptedException {
    TestSeries series = scrape();
    List<String> wrong = new ArrayList<>();
    if (mode.equals("off")) {
      expect(wrong, series, 0, "grpc_server_started_total");
      return wrong;
    }
    for (String side : new String[] {"server", "client"}) {
      expect(wrong, series, 2, "grpc_" + side + "_started_total");
      expect(wrong, series, 2, "grpc_" + side + "_handled_total");
      expect(wrong, series, 4, "grpc_" + side + "_msg_received_total");
      expect(wrong, series, 4, "grpc_" + side + "_msg_sent_total");
      there(wrong, mode, series, true, "grpc_stream_buffer_depth", side, "executor");
      for (String stage : new String[] {"transport", "deframer"}) {
        there(wrong, mode, series, mode.equals("bytes"), "grpc_stream_buffer_bytes", side, stage);
      }
    }
    there(wrong, mode, series, mode.equals("bytes"), "grpc_stream_buffer_bytes", "client", "retry");
    expect(wrong, series, 0, "grpc_stream_active");
    expect(wrong, series, 0, "grpc_stream_buffer_depth");
    expect(wrong, series, 0, "grpc_stream_buffer_bytes");
    expect(wrong, series, 0, "streamgauge_faults_total");
    return wrong;
  }

  private static void expect(List<String> wrong, TestSeries series, double value, String name) {
    if (series.sum(name) != value) {
      wrong.add(name + "=" + series.sum(name) + " instead of " + value);
    }
  }

  private static void there(
      List<String> wrong,
      String mode,
      TestSeries series,
      boolean there,
      String name,
      String side,
      String at) {
    boolean asked = there || !mode.equals("any") || name.endsWith("_depth");
    if (asked && series.has(name, "side", side, "stage", at) != there) {
      wrong.add(name + " " + side + " " + at + (there ? " is missing" : " should not be there"));
    }
  }

  private static TestSeries scrape() throws IOException, InterruptedException {
    String port = System.getProperty("otel.exporter.prometheus.port");
    return TestSeries.parse(
        HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }
}
