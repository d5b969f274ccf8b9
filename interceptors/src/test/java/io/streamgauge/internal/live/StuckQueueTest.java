package io.streamgauge.internal.live;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Code of the application that does not return to the watch; real clock, real watch. */
class StuckQueueTest {

  /**
   * A handler that holds its queue's lock for ever is the incident to be seen: with the real watch,
   * scrapes go on, the other streams are asked, and the one that is stuck shows what it said last.
   */
  @Test
  void aQueueThatNeverAnswersFreezesItselfOnly() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger other = new AtomicInteger(1);
    CollectorRegistry real = new CollectorRegistry();
    try (Streamgauge watched = Streamgauge.builder().prometheus(real).build();
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, server -> {}, watched::install)) {
      CallOptions stuck =
          CallOptions.DEFAULT.withOption(
              Streamgauge.QUEUE,
              Streamgauge.clientQueue(
                  "stuck",
                  () -> {
                    if (asked.incrementAndGet() == 2) {
                      Await.hold(free);
                    }
                    return 5;
                  }));
      TestCall first = TestCall.start(pair.channel(), TestMethods.BIDI, stuck);
      TestCall second =
          TestCall.start(
              pair.channel(),
              TestMethods.SERVER_STREAM,
              CallOptions.DEFAULT.withOption(
                  Streamgauge.QUEUE, Streamgauge.clientQueue("other", other::get)));
      await()
          .until(
              () ->
                  LibrarySubject.scrape(real)
                          .sum("streamgauge_refused_total", "what", "stuck_callback")
                      == 1);
      other.set(3);
      await()
          .until(
              () ->
                  LibrarySubject.scrape(real)
                          .sum("grpc_stream_buffer_depth", "grpc_method", "ServerStream")
                      >= 3);
      assertThat(
              LibrarySubject.scrape(real)
                  .sum("grpc_stream_buffer_depth", "stage", "application", "grpc_method", "Bidi"))
          .isEqualTo(5);
      assertThat(watched.liveStreams()).hasSize(2);
      int before = asked.get();
      free.countDown();
      await().until(() -> asked.get() > before);
      first.cancel();
      second.cancel();
      first.awaitEnd();
      second.awaitEnd();
    }
  }
}
