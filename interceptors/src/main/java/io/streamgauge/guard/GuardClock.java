package io.streamgauge.guard;

/** Elapsed time as the library sees it; tests put a hand-moved one in its place. */
public interface GuardClock {

  /** The machine's monotonic clock. */
  GuardClock SYSTEM = System::nanoTime;

  /** Nanoseconds since an arbitrary origin; only differences mean something. */
  long nanoTime();
}
