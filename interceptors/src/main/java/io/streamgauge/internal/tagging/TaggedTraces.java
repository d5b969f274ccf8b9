package io.streamgauge.internal.tagging;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The traces of tagged calls that are being served, each with the number of its calls. A place may
 * be taken by another trace: then one is not remembered, which is noticed by its caller.
 *
 * <p>Any thread that serves calls writes; each write is one compare-and-set of one element.
 */
final class TaggedTraces {

  private static final int PLACES = 4_096;

  /** The lower bits of an element count; the others are of the trace. */
  private static final long COUNT = (1 << 16) - 1;

  private final AtomicLongArray places = new AtomicLongArray(PLACES);

  private static int place(long trace) {
    // Of bits that the element does not keep, for ids that differ in few.
    return (int) (trace ^ trace >>> 12 ^ trace >>> 32) & (PLACES - 1);
  }

  /**
   * One more call of a trace.
   *
   * @return false if another trace has its place, or if the trace has as many calls as are counted
   */
  boolean add(long trace) {
    int place = place(trace);
    long name = trace & ~COUNT;
    for (long now = places.get(place); ; now = places.get(place)) {
      if (now != 0 && ((now & ~COUNT) != name || (now & COUNT) == COUNT)) {
        return false;
      }
      if (places.compareAndSet(place, now, (now == 0 ? name : now) + 1)) {
        return true;
      }
    }
  }

  /** One call less of a trace that {@link #add} has remembered. */
  void remove(long trace) {
    int place = place(trace);
    for (long now = places.get(place); (now & COUNT) != 0; now = places.get(place)) {
      if (places.compareAndSet(place, now, (now & COUNT) == 1 ? 0 : now - 1)) {
        return;
      }
    }
  }

  boolean contains(long trace) {
    long now = places.get(place(trace));
    return now != 0 && (now & ~COUNT) == (trace & ~COUNT);
  }
}
