package io.streamgauge.stream;

/**
 * What the watch remembers of one stream from tick to tick. Written by the watch and by the
 * stream's end, under this monitor; read by anyone.
 */
final class StallState {

  /** A tick that comes a little early must not put the answer off to the next. */
  private static final long SLACK_NANOS = 100_000_000;

  private long movement = Long.MIN_VALUE;
  private volatile long movedNanos;
  private volatile StallCause cause;
  private long stalledNanos;
  private long since;
  private boolean over;

  StallCause cause() {
    return cause;
  }

  long movedNanos() {
    return movedNanos;
  }

  void moved(long now) {
    movedNanos = now;
  }

  /** Time the stream has stood still for a cause, finished stalls only, nanoseconds. */
  synchronized long stalledNanos() {
    return stalledNanos;
  }

  /**
   * One look at the stream. What is found is told outside the monitor, so that a slow listener
   * never holds up the stream's end.
   */
  void tick(StreamRecorder stream, StreamEnv env, long now, long afterNanos) {
    // Looked at outside the monitor as well: the application's own queues are its own code.
    long application = stream.applicationDepth();
    long current = stream.movement() + 31 * application;
    boolean moved = current != movement;
    boolean still = !moved && now - movedNanos >= afterNanos - SLACK_NANOS;
    StallCause looksLike = still ? StallCause.of(stream, application) : null;
    StallCause was;
    long nanos;
    synchronized (this) {
      if (over) {
        return;
      }
      if (moved) {
        movement = current;
        movedNanos = now;
      }
      was = cause;
      if ((!moved && !still) || looksLike == was) {
        return;
      }
      nanos = change(looksLike, now);
    }
    tell(stream, env, was, nanos, looksLike);
  }

  /** The stream is over; whatever it stood still for is over too. */
  void ended(StreamRecorder stream, StreamEnv env) {
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
      StreamRecorder stream, StreamEnv env, StallCause was, long nanos, StallCause found) {
    if (was != null) {
      env.listener.resumed(stream, was, nanos);
    }
    if (found != null) {
      env.listener.stalled(stream, found);
    }
  }
}
