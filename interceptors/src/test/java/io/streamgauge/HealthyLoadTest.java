package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.testkit.TestCall;
import io.streamgauge.testkit.TestMethods;
import io.streamgauge.testkit.TestPair;
import io.streamgauge.testkit.TestSeries;
import io.streamgauge.testkit.TestTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams under load, in real time with the real watch, are never called stalled. */
class HealthyLoadTest {

  private static final Duration LENGTH =
      Duration.ofSeconds(Boolean.getBoolean("test.full") ? 60 : 6);

  @Test
  void noStreamUnderLoadIsCalledStalled() throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    Streamgauge gauge =
        Streamgauge.builder().prometheus(registry).stallAfter(Duration.ofSeconds(2)).build();
    TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install);
    ManagedChannel channel = pair.channel();
    List<TestCall> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      calls.add(TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT));
    }
    long end = System.nanoTime() + LENGTH.toNanos();
    int sent = 0;
    int[] sentBy = new int[calls.size()];
    long last = System.nanoTime();
    long longest = 0;
    while (System.nanoTime() < end) {
      longest = Math.max(longest, System.nanoTime() - last);
      last = System.nanoTime();
      for (int i = 0; i < calls.size(); i++) {
        TestCall call = calls.get(i);
        // The echo does not mind its own back-pressure; so the sender keeps it short of any.
        if (call.isReady() && sentBy[i] - call.received() < 100) {
          call.send("message");
          sentBy[i]++;
          sent++;
        }
      }
    }
    for (TestCall call : calls) {
      call.halfClose();
      call.awaitEnd();
    }

    // On a machine that stood still itself, a stream that did so too is no mistake.
    assumeTrue(longest < TimeUnit.SECONDS.toNanos(1), "the machine stood still for a second");
    TestSeries series = LibrarySubject.scrape(registry);
    assertThat(sent).isGreaterThan(1_000);
    assertThat(series.sum("grpc_client_msg_received_total")).isEqualTo(sent);
    assertThat(series.sum("grpc_stream_stalls_total")).isZero();
    assertThat(series.sum("grpc_stream_sent_while_not_ready_total")).isZero();
    pair.close();
    gauge.close();
  }
}
