package io.streamgauge.internal.stream;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Streamgauge;
import io.streamgauge.TestWatch;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The application's own queues. */
class ApplicationQueueTest extends HandMovedClock {

  @Test
  void theApplicationsOwnQueueIsADepthAndLeavesWithTheStream() throws IOException {
    serve(
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.BIDI)
                    .build())
            .addMethod(
                TestMethods.BIDI,
                (serverCall, headers) -> {
                  Streamgauge.queue("queue", () -> 42);
                  for (int i = 0; i < 20; i++) {
                    Streamgauge.queue("too many", () -> 0);
                  }
                  serverCall.request(1);
                  accepted.complete(serverCall);
                  return nothing();
                })
            .build());
    call =
        TestCall.start(
            channel,
            TestMethods.BIDI,
            CallOptions.DEFAULT.withOption(
                Streamgauge.QUEUE, Streamgauge.clientQueue("window", () -> 7)));
    accepted.join();

    TestWatch.look(gauge);
    assertThat(scrape().sum("grpc_stream_buffer_depth", "side", "server", "stage", "application"))
        .isEqualTo(42);
    assertThat(scrape().sum("grpc_stream_buffer_depth", "side", "client", "stage", "application"))
        .isEqualTo(7);
    assertThat(gauge.liveStreams())
        .extracting(StreamSnapshot::applicationDepth)
        .containsExactlyInAnyOrder(42L, 7L);
    assertThat(scrape().sum("streamgauge_refused_total", "what", "buffer")).isEqualTo(13);
    accepted.join().close(Status.OK, new Metadata());
    call.awaitEnd();
    await()
        .untilAsserted(
            () ->
                assertThat(scrape().sum("grpc_stream_buffer_depth", "stage", "application"))
                    .isZero());
    assertThat(scrape().has("grpc_stream_buffer_depth", "side", "server", "stage", "application"))
        .isTrue();
  }

  /** A stub made once is used for many calls; each has the queue, and closing one closes one. */
  @Test
  void anOptionOnAStubServesEveryCall() throws IOException {
    serve(TestService.create());
    CallOptions options =
        CallOptions.DEFAULT.withOption(
            Streamgauge.QUEUE, Streamgauge.clientQueue("window", () -> 3));
    TestCall first = TestCall.start(channel, TestMethods.BIDI, options);
    first.cancel();
    first.awaitEnd();
    call = TestCall.start(channel, TestMethods.BIDI, options);
    TestWatch.look(gauge);

    assertThat(scrape().sum("grpc_stream_buffer_depth", "side", "client", "stage", "application"))
        .isEqualTo(3);
  }

  /** The lock is the application's: held in its queue's depth and around a call into gRPC. */
  @Test
  void aQueueThatLocksOrThrowsHoldsUpNothing() throws Exception {
    Object lock = new Object();
    serve(
        driven(
            new ServerCall.Listener<>() {
              @Override
              public void onMessage(String message) {
                Streamgauge.queue(
                    "locks",
                    () -> {
                      synchronized (lock) {
                        return 1;
                      }
                    });
                Streamgauge.queue(
                    "throws",
                    () -> {
                      throw new IllegalStateException("the application's own");
                    });
              }
            }));
    call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("a");
    ServerCall<String, String> serverCall = accepted.join();
    serverCall.request(1);
    await()
        .until(
            () -> {
              TestWatch.look(gauge);
              // Registered one after the other, by the server's thread.
              return scrape().sum("grpc_stream_buffer_depth", "stage", "application") == 1
                  && scrape().sum("streamgauge_faults_total", "site", "buffer") > 0;
            });

    Thread scraper =
        new Thread(
            () -> {
              for (int i = 0; i < 300; i++) {
                scrape();
                TestWatch.look(gauge);
              }
            });
    scraper.start();
    long begun = System.nanoTime();
    while (scraper.isAlive() && System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(60)) {
      synchronized (lock) {
        serverCall.isReady();
        assertThat(gauge.liveStreams()).isNotEmpty();
      }
    }
    assertThat(scraper.isAlive()).isFalse();
  }
}
