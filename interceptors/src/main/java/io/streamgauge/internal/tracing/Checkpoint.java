package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.SpanContext;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * Where a stream's checkpoints have got to: what was counted up to the last one, and under which
 * parent the next one goes. All a stream costs between two checkpoints; no span is open meanwhile.
 */
final class Checkpoint {

  /** Wall clock less the stream's own clock, nanoseconds; timestamps stay in step with it. */
  final long epochOffset;

  SpanContext parent;
  SpanContext previous;
  int children;

  long at;
  long sent;
  long received;
  long wireOut;
  long wireIn;
  long blockedNanos;

  Checkpoint(StreamRecorder stream, SpanContext call, long epochNanos) {
    this.parent = call;
    this.epochOffset = epochNanos - stream.startNanos();
    this.at = stream.startNanos();
  }

  /** Whether anything was counted since {@link #take}. */
  boolean hasMoved(StreamRecorder stream) {
    return stream.sent() != sent
        || stream.received() != received
        || stream.wireOut() != wireOut
        || stream.wireIn() != wireIn;
  }

  void take(StreamRecorder stream, long now) {
    at = now;
    sent = stream.sent();
    received = stream.received();
    wireOut = stream.wireOut();
    wireIn = stream.wireIn();
    blockedNanos = stream.blockedNanos();
  }
}
