package io.streamgauge.internal.stream;

import io.streamgauge.StallCause;

/**
 * Why a stream stands still, from the first time the watch finds it so. Written by the looking
 * thread and by the thread that ends the stream, under this monitor; scrapes and pages read.
 */
final class StallState {

  private volatile StallCause cause;
  private long stalledNanos;
  private long since;
  private boolean over;

  StallCause cause() {
    return cause;
  }

  /** Time the stream has stood still for a cause, finished stalls only, nanoseconds. */
  synchronized long stalledNanos() {
    return stalledNanos;
  }

  /**
   * What a look at the stream has found, null for nothing. It is told outside the monitor, so that
   * a slow listener never holds up the stream's end.
   */
  void found(StreamRecorder stream, StreamEnvironment env, StallCause looksLike, long now) {
    StallCause was;
    long nanos;
    synchronized (this) {
      was = cause;
      if (over || looksLike == was) {
        return;
      }
      nanos = change(looksLike, now);
    }
    tell(stream, env, was, nanos, looksLike);
  }

  /** The stream is over; whatever it stood still for is over too. */
  void ended(StreamRecorder stream, StreamEnvironment env) {
    StallCause was;
    long nanos = 0;
    synchronized (this) {
      over = true;
      was = cause;
      if (was != null) {
        nanos = change(null, env.clock.nanoTime());
      }
    }
    tell(stream, env, was, nanos, null);
  }

  private long change(StallCause found, long now) {
    long nanos = cause == null ? 0 : Math.max(0, now - since);
    stalledNanos += nanos;
    since = now;
    cause = found;
    return nanos;
  }

  private static void tell(
      StreamRecorder stream, StreamEnvironment env, StallCause was, long nanos, StallCause found) {
    if (was != null) {
      env.listener.resumed(stream, was, nanos);
    }
    if (found != null) {
      env.listener.stalled(stream, found);
    }
  }
}
