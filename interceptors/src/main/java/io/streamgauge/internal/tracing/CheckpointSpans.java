package io.streamgauge.internal.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StatusCodes;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes a stream visible in its trace while it lives: a marker at its start, a span for each
 * interval with traffic, one at once when it comes to stand still, and one when a long one ends.
 * Each span is made when its time is over, so nothing is open in between and nothing grows with the
 * stream.
 *
 * <p>Viewers have no call span before the call ends. So the checkpoints are children of the marker,
 * which has arrived, and only the marker misses its parent meanwhile. The marker takes {@value
 * #MARKER_NANOS} ns, less than any child: viewers that correct clocks (Jaeger) move what is shorter
 * than its parent and not within it.
 *
 * <p>A trace gets at most {@value #MAX_SPANS} of them; then they go on in a new trace, whose marker
 * is linked to the call's span and to the checkpoint before. The marker's parent exists on no wire:
 * it carries the sampled flag, so that a parent-based sampler keeps what it has begun.
 */
public final class CheckpointSpans implements StreamListener {

  static final int MAX_SPANS = 128;

  private static final int MARKER_NANOS = 1_000;

  /** Longer than a marker, as it must be. */
  private static final int MIN_NANOS = 2 * MARKER_NANOS;

  /** Streams that may have checkpoints at a time; more are refused and counted. */
  static final int MAX_STREAMS = 10_000;

  private final Tracer tracer;
  private final long intervalNanos;
  private final AtomicInteger streams = new AtomicInteger();

  /**
   * Makes checkpoints.
   *
   * @param intervalNanos time between two of a stream that moves
   */
  public CheckpointSpans(Tracer tracer, long intervalNanos) {
    this.tracer = tracer;
    this.intervalNanos = intervalNanos;
  }

  @Override
  @CallPath
  public void started(StreamRecorder stream) {
    Span call = CallTrace.span(stream);
    if (call == null || !stream.sampled() || stream.method().type() == CallType.UNARY) {
      return;
    }
    if (streams.incrementAndGet() > MAX_STREAMS) {
      streams.decrementAndGet();
      stream.refuse("checkpoints");
      return;
    }
    // Not in milliseconds: the marker would begin before the call's span does.
    Instant clock = Instant.now();
    long epoch = TimeUnit.SECONDS.toNanos(clock.getEpochSecond()) + clock.getNano();
    Checkpoint state = new Checkpoint(call.getSpanContext(), epoch, stream.now());
    CallTrace.made(stream).checkpoint = state;
    try {
      mark(state, builder(stream, call.getSpanContext(), "open"), state.at);
    } finally {
      release(stream, state);
    }
  }

  @Override
  public void checked(StreamRecorder stream, long now) {
    Checkpoint state = CallTrace.checkpoint(stream);
    if (state == null || !state.take()) {
      return;
    }
    try {
      if (now - state.at >= intervalNanos) {
        if (state.hasMoved(stream)) {
          emit(stream, state, now, null);
        } else {
          state.at = now;
        }
      }
    } finally {
      release(stream, state);
    }
  }

  @Override
  public void stalled(StreamRecorder stream, StallCause cause) {
    Checkpoint state = CallTrace.checkpoint(stream);
    if (state == null || !state.take()) {
      return;
    }
    try {
      emit(stream, state, stream.now(), cause);
    } finally {
      release(stream, state);
    }
  }

  private void release(StreamRecorder stream, Checkpoint state) {
    if (state.release()) {
      close(stream, state);
    }
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream, long nowNanos) {
    Checkpoint state = CallTrace.checkpoint(stream);
    if (state == null) {
      return;
    }
    CallTrace.made(stream).checkpoint = null;
    streams.decrementAndGet();
    state.overNanos = stream.endNanos(nowNanos);
    if (state.end()) {
      close(stream, state);
    }
  }

  /**
   * Viewers find a call span by its start. A search over the last hour must show how a stream ended
   * that began a day ago.
   */
  private void close(StreamRecorder stream, Checkpoint state) {
    long over = state.overNanos;
    if (over - stream.startNanos() < intervalNanos) {
      return;
    }
    // Where the end is told late, looks have gone on past it.
    long from = Math.min(state.at, over);
    Span span = counted(stream, state, "close", from, over);
    String code = StatusCodes.name(stream.code());
    span.setAttribute(SpanAttributes.STATUS, code);
    if (StatusCodes.isError(stream.side(), stream.code())) {
      span.setAttribute(SpanAttributes.ERROR_TYPE, code);
      String description = stream.description();
      span.setStatus(StatusCode.ERROR, description == null ? "" : DisplayText.line(description));
    }
    end(span, state, from, over);
  }

  private void emit(StreamRecorder stream, Checkpoint state, long now, StallCause cause) {
    // First: if a span processor throws, the next look must not emit the same interval.
    long from = state.at;
    state.at = now;
    Span span = counted(stream, state, "checkpoint", from, now);
    span.setAttribute(SpanAttributes.DEMAND, stream.demand());
    depth(span, SpanAttributes.CONNECT, stream.connectDepth());
    depth(
        span,
        SpanAttributes.STREAM_LIMIT,
        stream.connectKnown() ? stream.limitDepth() : StreamRecorder.UNKNOWN);
    depth(span, SpanAttributes.EXECUTOR, stream.executorDepth());
    depth(span, SpanAttributes.HANDLER, stream.handlerDepth());
    depth(span, SpanAttributes.APPLICATION, stream.applicationDepth());
    depth(span, SpanAttributes.TRANSPORT_BYTES, stream.transportBytes());
    depth(span, SpanAttributes.DEFRAMER_BYTES, stream.deframerBytes());
    depth(span, SpanAttributes.RETRY_BYTES, stream.retryBytes());
    if (cause != null) {
      span.setAttribute(SpanAttributes.CAUSE, cause.label());
      span.setAttribute(SpanAttributes.ERROR_TYPE, "stalled");
      span.setStatus(StatusCode.ERROR, "stalled: " + cause.label());
    }
    if (++state.spans >= MAX_SPANS) {
      state.next = syntheticParent();
      state.last = span.getSpanContext();
      span.setAttribute(SpanAttributes.NEXT_TRACE, state.next.getTraceId());
    }
    end(span, state, from, now);
  }

  private static void end(Span span, Checkpoint state, long from, long now) {
    long end = Math.max(now, from + MIN_NANOS);
    span.end(state.epochOffset + end, TimeUnit.NANOSECONDS);
  }

  /** The interval, with what was counted since the last one; each figure is read once. */
  private Span counted(StreamRecorder stream, Checkpoint state, String what, long from, long now) {
    if (state.next != null) {
      goOn(stream, state, from);
    }
    Span span =
        builder(stream, state.marker, what)
            .setStartTimestamp(state.epochOffset + from, TimeUnit.NANOSECONDS)
            .startSpan();
    double seconds = Math.max(1, now - from) / 1e9;
    long sent = stream.sent();
    long received = stream.received();
    long wireOut = stream.wireOut();
    long wireIn = stream.wireIn();
    long blocked = stream.blockedNanos();
    span.setAttribute(SpanAttributes.SENT, sent - state.sent);
    span.setAttribute(SpanAttributes.RECEIVED, received - state.received);
    span.setAttribute(SpanAttributes.SENT_RATE, (sent - state.sent) / seconds);
    span.setAttribute(SpanAttributes.RECEIVED_RATE, (received - state.received) / seconds);
    if (stream.executorKnown() && wireOut + wireIn > 0) {
      span.setAttribute(SpanAttributes.BYTES_SENT, wireOut - state.wireOut);
      span.setAttribute(SpanAttributes.BYTES_RECEIVED, wireIn - state.wireIn);
    }
    span.setAttribute(SpanAttributes.BLOCKED, Math.max(0, blocked - state.blockedNanos) / 1e9);
    state.sent = sent;
    state.received = received;
    state.wireOut = wireOut;
    state.wireIn = wireIn;
    state.blockedNanos = blocked;
    return span;
  }

  private static void depth(Span span, AttributeKey<Long> key, long depth) {
    if (depth != StreamRecorder.UNKNOWN) {
      span.setAttribute(key, depth);
    }
  }

  private void goOn(StreamRecorder stream, Checkpoint state, long from) {
    SpanBuilder builder =
        builder(stream, state.next, "continued")
            .addLink(CallTrace.span(stream).getSpanContext())
            .addLink(state.last);
    mark(state, builder, from);
    state.next = null;
    state.last = null;
  }

  private static void mark(Checkpoint state, SpanBuilder builder, long at) {
    long epoch = state.epochOffset + at;
    Span marker = builder.setStartTimestamp(epoch, TimeUnit.NANOSECONDS).startSpan();
    state.marker = marker.getSpanContext();
    state.spans = 1;
    marker.end(epoch + MARKER_NANOS, TimeUnit.NANOSECONDS);
  }

  private SpanBuilder builder(StreamRecorder stream, SpanContext parent, String what) {
    String method = stream.method().fullName();
    return tracer
        .spanBuilder(method + " " + what)
        .setParent(Context.root().with(Span.wrap(parent)))
        .setAttribute(SpanAttributes.METHOD, method)
        .setAttribute(SpanAttributes.STREAM_ID, stream.id());
  }

  private static SpanContext syntheticParent() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return IdSpan.remote(
        random.nextLong(), TraceIds.nonZero(random), TraceIds.nonZero(random), TraceIds.SAMPLED);
  }
}
