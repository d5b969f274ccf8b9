package io.streamgauge.internal.export.pull;

/** The histograms of one gauge; asked by threads that collect. */
public interface HistogramSource {

  /** What they are now; they only rise. */
  PulledHistograms collect();

  /** Whether the SDK shows what is recorded under our scope; the user may switch that. */
  boolean isShown();

  /** Whether the gauge is closed and no call of it is open: what it has is all it will have. */
  boolean isOver();

  /** A fault of ours in what was done with what it gave. */
  void failed(Throwable fault);
}
