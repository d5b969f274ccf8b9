package io.streamgauge.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.streamgauge.StreamSnapshot;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/**
 * What hooks inside gRPC tell of a stream is on its snapshot: {@link BytesHook}, {@link RetryHook}.
 */
class WatchedStreamsTest {

  @Test
  void bytesAreUnknownUntilAHookTellsThem() throws Exception {
    try (WatchedCall call = new WatchedCall()) {
      assertThat(stream(call).transportBytes()).isEqualTo(StreamSnapshot.UNKNOWN);
      assertThat(stream(call).deframerBytes()).isEqualTo(StreamSnapshot.UNKNOWN);

      BytesHook bytes = call.bytes();
      bytes.bindTransport();
      bytes.onFramed(100);
      bytes.onWritten(40);
      bytes.unread(7);

      assertThat(stream(call).transportBytes()).isEqualTo(60);
      assertThat(stream(call).deframerBytes()).isEqualTo(7);
    }
  }

  @Test
  void whatGrpcKeepsForARetryIsKnownFromItsBeginningToItsEnd() throws Exception {
    try (WatchedCall call = new WatchedCall()) {
      RetryHook retries = WatchedStreams.retryOf(call.options);
      assertThat(stream(call).retryBytes()).isEqualTo(StreamSnapshot.UNKNOWN);

      retries.onReplayBegun();
      call.attempt().outboundWireSize(1_000);
      assertThat(stream(call).retryBytes()).isEqualTo(1_000);

      retries.onReplayOver();
      assertThat(stream(call).retryBytes()).isZero();
    }
  }

  @Test
  void whatNoGaugeWatchesIsNotFound() {
    assertThat(WatchedStreams.bytesOf(Collections.singletonList(new ClientStreamTracer() {})))
        .isNull();
    assertThat(WatchedStreams.retryOf(CallOptions.DEFAULT)).isNull();
    assertThat(WatchedStreams.serves(Context.ROOT)).isFalse();
  }

  private static StreamSnapshot stream(WatchedCall call) {
    return call.gauge.liveStreams().get(0);
  }
}
