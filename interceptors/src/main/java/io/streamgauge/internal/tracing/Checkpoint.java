package io.streamgauge.internal.tracing;

import io.opentelemetry.api.trace.SpanContext;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Where a stream's checkpoints have got to: what was counted up to the last one, and under which
 * marker the next one goes. All a stream costs between two checkpoints; no span is open meanwhile.
 *
 * <p>The fields belong to the one thread that holds this: a thread of the watch, between {@link
 * #take} and {@link #release}, or from {@link #end} on the thread that ends the stream. No thread
 * waits for another: span processors of the application run meanwhile.
 */
final class Checkpoint {

  private static final int FREE = 0;
  private static final int HELD = 1;

  /** Held when the stream ended; the holder emits the end. */
  private static final int HELD_AT_END = 2;

  private static final int OVER = 3;

  private static final AtomicIntegerFieldUpdater<Checkpoint> PHASE =
      AtomicIntegerFieldUpdater.newUpdater(Checkpoint.class, "phase");

  /** Wall clock less the stream's own clock, nanoseconds; timestamps stay in step with it. */
  final long epochOffset;

  /** The span all checkpoints of this trace go under: {@code open}, or {@code continued}. */
  SpanContext marker;

  /** When the stream was over, by its own clock; written before {@link #end}. */
  long overNanos;

  /** Checkpoints and the marker in this trace. */
  int spans;

  /** The parent of the next trace's marker; null until the trace is full. */
  SpanContext next;

  /** The last checkpoint of a full trace. */
  SpanContext last;

  long at;
  long sent;
  long received;
  long wireOut;
  long wireIn;
  long blockedNanos;

  @SuppressWarnings("UnusedVariable") // read by PHASE
  private volatile int phase;

  /**
   * Begins now, held by the caller.
   *
   * @param call stands for a marker until there is one
   * @param epochNanos wall clock, now
   * @param now the stream's clock, now
   */
  Checkpoint(SpanContext call, long epochNanos, long now) {
    this.marker = call;
    this.epochOffset = epochNanos - now;
    this.at = now;
    this.phase = HELD;
  }

  /** Whether the caller holds this now; false while another thread does, and after the end. */
  boolean take() {
    return PHASE.compareAndSet(this, FREE, HELD);
  }

  /** Ends what a successful {@link #take} began; true if the caller is to emit the end now. */
  boolean release() {
    return !PHASE.compareAndSet(this, HELD, FREE);
  }

  /** The stream is over; true if the caller is to emit the end now, false if the holder does. */
  boolean end() {
    return !PHASE.compareAndSet(this, HELD, HELD_AT_END) && PHASE.getAndSet(this, OVER) == FREE;
  }

  /** Whether anything was counted since the last checkpoint. */
  boolean hasMoved(StreamRecorder stream) {
    return stream.sent() != sent
        || stream.received() != received
        || stream.wireOut() != wireOut
        || stream.wireIn() != wireIn;
  }
}
