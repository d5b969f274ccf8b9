package io.streamgauge.internal.stream;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** Messages of a stream that have a lane of their own; each count has a single writer. */
final class OtherLaneCounts {

  private static final AtomicLongFieldUpdater<OtherLaneCounts> SENT =
      AtomicLongFieldUpdater.newUpdater(OtherLaneCounts.class, "sent");
  private static final AtomicLongFieldUpdater<OtherLaneCounts> DELIVERED =
      AtomicLongFieldUpdater.newUpdater(OtherLaneCounts.class, "delivered");

  private volatile long sent;
  private volatile long delivered;

  void count(boolean inbound) {
    if (inbound) {
      DELIVERED.lazySet(this, delivered + 1);
    } else {
      SENT.lazySet(this, sent + 1);
    }
  }

  long sent() {
    return sent;
  }

  long delivered() {
    return delivered;
  }
}
