package io.streamgauge.internal.live;

import io.streamgauge.StallCause;
import io.streamgauge.internal.stream.StreamRecorder;

/** Finds why a stream stands still: the first cause, in the order of {@link StallCause}. */
final class StallCauses {

  private StallCauses() {}

  /**
   * The cause a stream would have if it stood still now.
   *
   * @param applicationDepth read before, outside every lock
   * @return null if it is merely idle: nothing is queued and the peer may speak (peer_silent)
   */
  static StallCause of(StreamRecorder stream, long applicationDepth) {
    if (stream.connectDepth() > 0) {
      return StallCause.NOT_CONNECTED;
    }
    if (stream.isHeldBack()) {
      return stream.isAtLimit() ? StallCause.STREAM_LIMIT : StallCause.HEADERS_NOT_SENT;
    }
    if (stream.executorDepth() > 0 || stream.handlerDepth() > 0 || applicationDepth > 0) {
      return StallCause.HANDLER_BUSY;
    }
    // A queue below gRPC's threshold for readiness stands just as still; the agent sees it.
    if (stream.isNotReady() || stream.transportBytes() > 0) {
      return StallCause.PEER_NOT_READING;
    }
    return stream.wantsNothing() ? StallCause.NO_DEMAND : null;
  }
}
