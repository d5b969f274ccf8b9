package io.streamgauge.compat.jcstress;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import java.util.concurrent.atomic.AtomicInteger;

/** A stream of its own for each try, and what its listener was told, on whichever threads. */
final class Told implements StreamListener {

  static final WatchedMethod BIDI = new WatchedMethod(CallType.BIDI_STREAM, "pkg.Service", "Bidi");

  static final WatchedMethod UNARY = new WatchedMethod(CallType.UNARY, "pkg.Service", "Unary");

  private static final Guard GUARD = new Guard();

  private final AtomicInteger starts = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();
  private final AtomicInteger early = new AtomicInteger();
  private final AtomicInteger stalls = new AtomicInteger();
  private volatile int code = -1;

  private final StreamEnvironment env = env(this);

  static StreamEnvironment env(StreamListener listener) {
    return new StreamEnvironment(GUARD, () -> 0, listener, Timing.OFF);
  }

  static Guard guard() {
    return GUARD;
  }

  StreamEnvironment env() {
    return env;
  }

  /** A stream that was not claimed yet. */
  StreamRecorder fresh(CallSide side) {
    StreamRecorder stream = new StreamRecorder(side, env);
    stream.traced();
    return stream;
  }

  StreamRecorder started(CallSide side) {
    return start(fresh(side));
  }

  static StreamRecorder start(StreamRecorder stream) {
    if (stream.claim(BIDI)) {
      stream.start(null);
    }
    return stream;
  }

  int starts() {
    return starts.get();
  }

  int ends() {
    return ends.get();
  }

  /** Ends told before a start was. */
  int early() {
    return early.get();
  }

  /** The code of the last end that was told. */
  int code() {
    return code;
  }

  /** Stalls told less those that were told to be over. */
  int stalls() {
    return stalls.get();
  }

  @Override
  public void started(StreamRecorder stream) {
    starts.incrementAndGet();
  }

  @Override
  public void ended(StreamRecorder stream, long nowNanos) {
    if (starts.get() == 0) {
      early.incrementAndGet();
    }
    code = stream.code();
    ends.incrementAndGet();
  }

  @Override
  public void stalled(StreamRecorder stream, StallCause cause) {
    stalls.incrementAndGet();
  }

  @Override
  public void resumed(StreamRecorder stream, StallCause cause, long nanos) {
    stalls.decrementAndGet();
  }
}
