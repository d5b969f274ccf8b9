package io.streamgauge.stream;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Of a stream that was not ready while writes were pending: how long, and what was sent all the
 * same. Guarded by the recorder, but for the count, which has a single writer.
 */
final class StreamBlocked {

  private static final AtomicLongFieldUpdater<StreamBlocked> IGNORED =
      AtomicLongFieldUpdater.newUpdater(StreamBlocked.class, "ignored");

  /** When it came to be not ready, if it is. */
  long since;

  /** Of the times that are over. */
  long nanos;

  long drainedNanos;
  long drainedIgnored;

  private volatile long ignored;

  void ignore() {
    IGNORED.lazySet(this, ignored + 1);
  }

  long ignored() {
    return ignored;
  }
}
