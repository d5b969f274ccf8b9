package io.streamgauge.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.streamgauge.internal.stream.HandMovedClock;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams that move before the threshold has passed are never called stalled. */
class HealthyLoadTest extends HandMovedClock {

  private static final int STREAMS = 50;
  private static final int ROUNDS = Boolean.getBoolean("test.full") ? 200 : 20;

  @Test
  void aStreamThatMovesIsNeverCalledStalled() throws Exception {
    serve(TestService.create());
    List<TestCall> calls = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      calls.add(TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT));
    }
    int sent = 0;
    for (int round = 0; round < ROUNDS; round++) {
      // One message just before the threshold, or many: both are streams that move.
      int messages = round % 2 == 0 ? 1 : 20;
      for (TestCall each : calls) {
        for (int i = 0; i < messages; i++) {
          each.send("message");
        }
      }
      sent += messages;
      int expected = sent;
      for (TestCall each : calls) {
        Await.await().until(each::received, received -> received == expected);
      }
      seconds(THRESHOLD - 1);
      assertThat(stalledNow()).isZero();
    }
    for (TestCall each : calls) {
      each.halfClose();
      assertThat(each.awaitEnd().isOk()).isTrue();
    }

    assertThat(scrape().sum("grpc_client_msg_received_total")).isEqualTo(sent * (double) STREAMS);
    assertThat(scrape().sum("grpc_stream_stalls_total")).isZero();
  }
}
