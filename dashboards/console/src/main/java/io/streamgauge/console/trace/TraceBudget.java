package io.streamgauge.console.trace;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of memory that all requests being read may hold together, and each of them alone. Safe for
 * any thread.
 */
final class TraceBudget {

  private static final long MOST = 128L * 1024 * 1024;
  private static final long MOST_OF_ONE = 64L * 1024 * 1024;

  private final long all;
  private final long ofOne;
  private final AtomicLong held = new AtomicLong();

  /** An eighth of the heap. */
  TraceBudget() {
    this(TraceLimits.ofHeap(8, MOST), TraceLimits.ofHeap(8, MOST_OF_ONE));
  }

  TraceBudget(long all, long ofOne) {
    this.all = all;
    this.ofOne = ofOne;
  }

  Share share() {
    return new Share();
  }

  /** What one request holds, until it is closed. Not for several threads. */
  final class Share implements AutoCloseable {

    private long taken;

    /**
     * Takes some more, before it is used.
     *
     * @throws TraceRefusal if this request, or all together, would have too much
     */
    void take(long bytes) throws TraceRefusal {
      if (taken + bytes > ofOne) {
        throw TraceRefusal.tooLarge("the request takes more than " + ofOne + " bytes of memory");
      }
      if (held.addAndGet(bytes) > all) {
        held.addAndGet(-bytes);
        throw TraceRefusal.busy("requests in work hold " + all + " bytes of memory; send it again");
      }
      taken += bytes;
    }

    @Override
    public void close() {
      held.addAndGet(-taken);
      taken = 0;
    }
  }
}
