package io.streamgauge.internal.stream;

import io.streamgauge.internal.guard.NanoClock;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Of a stream that was not ready while writes were pending: how long, and what was sent all the
 * same. A fast sender comes and goes here every few messages, so there is no lock: the thread that
 * puts the beginning there, or takes it away, has made the edge. A thread that loses its processor
 * between reading the clock and that may count its pause once too often.
 */
final class NotReadyTime {

  private static final AtomicLongFieldUpdater<NotReadyTime> SINCE =
      AtomicLongFieldUpdater.newUpdater(NotReadyTime.class, "since");
  private static final AtomicLongFieldUpdater<NotReadyTime> NANOS =
      AtomicLongFieldUpdater.newUpdater(NotReadyTime.class, "nanos");
  private static final AtomicLongFieldUpdater<NotReadyTime> IGNORED =
      AtomicLongFieldUpdater.newUpdater(NotReadyTime.class, "ignored");

  /** When it came to be not ready; 0 while it is ready. */
  private volatile long since;

  /** Of the times that are over. */
  private volatile long nanos;

  private volatile long ignored;

  /** Guarded by the recorder. */
  long drainedNanos;

  long drainedIgnored;

  boolean isNow() {
    return since != 0;
  }

  void begin(NanoClock clock) {
    long now = clock.nanoTime();
    SINCE.compareAndSet(this, 0, now == 0 ? 1 : now);
  }

  void end(NanoClock clock) {
    long began = SINCE.getAndSet(this, 0);
    if (began != 0) {
      NANOS.addAndGet(this, Math.max(0, clock.nanoTime() - began));
    }
  }

  /** A message was sent while not ready; one thread sends. */
  void ignore() {
    IGNORED.lazySet(this, ignored + 1);
  }

  long ignored() {
    return ignored;
  }

  /** So far; for a moment less than before where a time has just come to its end. */
  long nanos(NanoClock clock) {
    long over = nanos;
    long began = since;
    return began == 0 ? over : over + Math.max(0, clock.nanoTime() - began);
  }
}
