package io.streamgauge.internal.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes a stream visible in its trace while it lives: a short span at its start, one for each
 * interval with traffic, and one at once when it comes to stand still. Each span is made when its
 * time is over, so nothing is open in between and nothing grows with the stream.
 *
 * <p>A trace gets at most {@value #MAX_CHILDREN} of them; then they go on in a new trace, linked to
 * the call's span and to the checkpoint before. Its first parent exists on no wire: it carries the
 * sampled flag, so that a parent-based sampler keeps what it has begun.
 */
public final class CheckpointSpans implements StreamListener {

  static final int MAX_CHILDREN = 128;

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
    Span call = CallTrace.of(stream).span;
    if (call == null || !stream.sampled() || stream.method().type() == CallType.UNARY) {
      return;
    }
    if (streams.incrementAndGet() > MAX_STREAMS) {
      streams.decrementAndGet();
      stream.refuse("checkpoints");
      return;
    }
    long epoch = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    Checkpoint state = new Checkpoint(stream, call.getSpanContext(), epoch);
    CallTrace.made(stream).checkpoint = state;
    Span open = builder(stream, state, "open", stream.startNanos()).startSpan();
    state.previous = open.getSpanContext();
    open.end(epoch + 1_000, TimeUnit.NANOSECONDS);
  }

  @Override
  public void checked(StreamRecorder stream, long now) {
    Checkpoint state = CallTrace.of(stream).checkpoint;
    if (state == null) {
      return;
    }
    synchronized (state) {
      if (now - state.at < intervalNanos) {
        return;
      }
      if (state.hasMoved(stream)) {
        emit(stream, state, now, null);
      } else {
        state.at = now;
      }
    }
  }

  @Override
  public void stalled(StreamRecorder stream, StallCause cause) {
    Checkpoint state = CallTrace.of(stream).checkpoint;
    if (state != null) {
      synchronized (state) {
        emit(stream, state, stream.now(), cause);
      }
    }
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream) {
    if (CallTrace.of(stream).checkpoint != null) {
      CallTrace.made(stream).checkpoint = null;
      streams.decrementAndGet();
    }
  }

  private void emit(StreamRecorder stream, Checkpoint state, long now, StallCause cause) {
    Span span = builder(stream, state, "checkpoint", state.at).startSpan();
    double seconds = Math.max(1, now - state.at) / 1e9;
    long sent = stream.sent() - state.sent;
    long received = stream.received() - state.received;
    span.setAttribute(SpanAttributes.SENT, sent);
    span.setAttribute(SpanAttributes.RECEIVED, received);
    span.setAttribute(SpanAttributes.SENT_RATE, sent / seconds);
    span.setAttribute(SpanAttributes.RECEIVED_RATE, received / seconds);
    if (stream.executorKnown() && stream.wireOut() + stream.wireIn() > 0) {
      span.setAttribute(SpanAttributes.BYTES_SENT, stream.wireOut() - state.wireOut);
      span.setAttribute(SpanAttributes.BYTES_RECEIVED, stream.wireIn() - state.wireIn);
    }
    span.setAttribute(
        SpanAttributes.BLOCKED, Math.max(0, stream.blockedNanos() - state.blockedNanos) / 1e9);
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
      span.setStatus(StatusCode.ERROR, "stalled: " + cause.label());
    }
    state.previous = span.getSpanContext();
    state.take(stream, now);
    span.end(state.epochOffset + now, TimeUnit.NANOSECONDS);
  }

  private static void depth(Span span, AttributeKey<Long> key, long depth) {
    if (depth != StreamRecorder.UNKNOWN) {
      span.setAttribute(key, depth);
    }
  }

  private SpanBuilder builder(StreamRecorder stream, Checkpoint state, String what, long at) {
    SpanContext call = CallTrace.of(stream).span.getSpanContext();
    if (state.children == MAX_CHILDREN) {
      state.children = 0;
      state.parent = syntheticParent();
    }
    state.children++;
    String method = stream.method().fullName();
    SpanBuilder builder =
        tracer
            .spanBuilder(method + " " + what)
            .setParent(Context.root().with(Span.wrap(state.parent)))
            .setStartTimestamp(state.epochOffset + at, TimeUnit.NANOSECONDS)
            .setAttribute(SpanAttributes.METHOD, method)
            .setAttribute(SpanAttributes.STREAM_ID, stream.id());
    if (state.parent != call) {
      builder.addLink(call);
      if (state.previous != null) {
        builder.addLink(state.previous);
      }
    }
    return builder;
  }

  private static SpanContext syntheticParent() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return SpanContext.createFromRemoteParent(
        TraceId.fromLongs(nonZero(random), random.nextLong()),
        SpanId.fromLong(nonZero(random)),
        TraceFlags.getSampled(),
        TraceState.getDefault());
  }

  private static long nonZero(ThreadLocalRandom random) {
    long drawn = random.nextLong();
    return drawn == 0 ? 1 : drawn;
  }
}
