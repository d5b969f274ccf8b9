package io.streamgauge.internal.stream;

import io.streamgauge.StallCause;

/**
 * What the watch remembers of a stream: what it saw at the look before, and why the stream stands
 * still. It is made at the first look that finds the stream open; the watch looks once a second, so
 * most short calls end without one.
 *
 * <p>One looking thread at a time writes what it saw. What is known of stalls is written by that
 * thread and by the thread that ends the stream, under this monitor. Scrapes and pages read.
 */
final class WatchState {

  /** The sum of the stream's counts at the last look; a sum may have any value. */
  private long movement = Long.MIN_VALUE;

  private long queued;
  private volatile long movedNanos;
  private long lookedNanos;

  /** Looks in a row in which a cancelled call was seen to be over. */
  private int overLooks;

  /**
   * When a stream was over whose end the watch tells; 0 for any other. Written and read by the
   * thread that tells the end.
   */
  long overNanos;

  private volatile StallCause cause;
  private long stalledNanos;
  private long since;
  private boolean over;

  /**
   * @param startNanos when the stream began: it counts as moved then
   */
  WatchState(long startNanos) {
    movedNanos = startNanos;
    lookedNanos = startNanos;
  }

  /**
   * At each look: how long nothing has moved, nanoseconds.
   *
   * @param counts changes whenever any count does
   * @param depth of the application's own queues
   * @return {@link StreamRecorder#UNKNOWN} if something has moved since the look before
   */
  long still(long counts, long depth, long now) {
    if (counts == movement && depth == queued) {
      return now - movedNanos;
    }
    movement = counts;
    queued = depth;
    movedNanos = now;
    return StreamRecorder.UNKNOWN;
  }

  /** Clock reading when a look last saw a count move, nanoseconds; up to a second late. */
  long movedNanos() {
    return movedNanos;
  }

  /** A look at the stream's connections begins: when the one before began. */
  long look(long now) {
    long before = lookedNanos;
    lookedNanos = now;
    return before;
  }

  /** Whether the call has seemed over in two looks in a row. */
  boolean isOver(boolean seemsOver) {
    overLooks = seemsOver ? overLooks + 1 : 0;
    return overLooks >= 2;
  }

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
