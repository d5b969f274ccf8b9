package io.streamgauge.internal.guard;

/** Elapsed time as the library sees it; tests put a hand-moved one in its place. */
public interface NanoClock {

  /** The machine's monotonic clock. */
  NanoClock SYSTEM = System::nanoTime;

  /** Nanoseconds since an arbitrary origin; only differences mean something. */
  long nanoTime();
}
