package io.streamgauge.ordersync.client;

import io.streamgauge.ordersync.domain.OrderUpdate;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The updates a client has made and not been told about, and how far the stream that is open now
 * has come with them. Each message of a stream is answered once, so what is outstanding is known
 * exactly; after something that must be sent again, sending stops until nothing is outstanding and
 * then begins anew with the oldest. Not for several threads.
 */
final class UpdateWindow {

  private record Sent(OrderUpdate update, long atNanos) {}

  private final NavigableMap<Long, OrderUpdate> unanswered = new TreeMap<>();
  private final Map<Long, Sent> sentNow = new TreeMap<>();
  private long sentUpTo;
  private boolean rewinding;

  UpdateWindow(Collection<OrderUpdate> unanswered) {
    unanswered.forEach(this::add);
  }

  void add(OrderUpdate update) {
    unanswered.put(update.sequence(), update);
  }

  /** A new stream: nothing is outstanding, everything is to be sent, oldest first. */
  void restart() {
    sentNow.clear();
    sentUpTo = 0;
    rewinding = false;
  }

  /** Whether one more may be on its way, if that many may. */
  boolean hasRoom(int most) {
    return !rewinding && sentNow.size() < most;
  }

  /** The next to send of what there is, or null. */
  OrderUpdate next() {
    Map.Entry<Long, OrderUpdate> next = unanswered.higherEntry(sentUpTo);
    return next == null ? null : next.getValue();
  }

  void sent(OrderUpdate update, long nanos) {
    sentNow.put(update.sequence(), new Sent(update, nanos));
    sentUpTo = update.sequence();
  }

  /** Its answer is here; gives the time since it was sent, or a negative number if it was not. */
  long answered(long sequence, long nanos) {
    Sent sent = sentNow.remove(sequence);
    return sent == null ? -1 : nanos - sent.atNanos();
  }

  /** The answer was for good; null if there has been one before. */
  OrderUpdate settle(long sequence) {
    return unanswered.remove(sequence);
  }

  /** What is not settled must be sent again, once nothing is outstanding. */
  void rewind() {
    rewinding = true;
  }

  /** Whether it is time to begin anew; then it begins. */
  boolean rewound() {
    if (!rewinding || !sentNow.isEmpty()) {
      return false;
    }
    restart();
    return true;
  }

  boolean isRewinding() {
    return rewinding;
  }

  /** Made and not answered for good. */
  int size() {
    return unanswered.size();
  }

  boolean isEmpty() {
    return unanswered.isEmpty();
  }
}
