package io.streamgauge.internal.export.pull;

import io.opentelemetry.sdk.common.Clock;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** Gives the SDK the histograms of its gauges, and what those of closed gauges came to. */
public final class HistogramProducer implements MetricProducer {

  /**
   * Written under this object by a thread that opens a gauge or collects; a collecting one reads
   * it.
   */
  private volatile Sources sources =
      new Sources(
          Collections.emptyList(), Collections.emptyList(), new PulledHistograms(), null, null);

  /** Gives a gauge's histograms too, from now on. */
  public synchronized void add(
      InstrumentationScopeInfo scope, Clock clock, HistogramSource source) {
    List<HistogramSource> open = new ArrayList<>(sources.open);
    open.add(source);
    sources = new Sources(open, sources.over, sources.ofClosed, scope, clock);
  }

  @Override
  public Collection<MetricData> produce(Resource resource) {
    Sources now = sources;
    if (now.open.isEmpty() && now.scope == null) {
      return Collections.emptyList();
    }
    try {
      PulledHistograms all = new PulledHistograms();
      all.addAll(now.ofClosed);
      boolean shown = true;
      for (HistogramSource source : now.open) {
        all.addAll(source.collect());
        shown &= source.isShown();
      }
      letGo();
      return shown ? all.data(resource, now.scope, now.clock.now()) : Collections.emptyList();
    } catch (Throwable t) {
      // The SDK would give up the collection, with all metrics of the application in it.
      now.failed(t);
      return Collections.emptyList();
    }
  }

  /**
   * Keeps the numbers of gauges that are over, and lets go of the gauges: at the second collection
   * that finds them so, as a call may be about to start when its gauge is closed.
   */
  private synchronized void letGo() {
    List<HistogramSource> over = new ArrayList<>(sources.open);
    over.removeIf(source -> !source.isOver());
    if (over.isEmpty()) {
      return;
    }
    List<HistogramSource> open = new ArrayList<>(sources.open);
    PulledHistograms ofClosed = new PulledHistograms();
    ofClosed.addAll(sources.ofClosed);
    for (HistogramSource source : sources.over) {
      if (over.remove(source)) {
        ofClosed.addAll(source.collect());
        open.remove(source);
      }
    }
    sources = new Sources(open, over, ofClosed, sources.scope, sources.clock);
  }

  /** What goes together; never changed. */
  private static final class Sources {
    final List<HistogramSource> open;

    /** Those of the open ones that the collection before has found over. */
    final List<HistogramSource> over;

    final PulledHistograms ofClosed;

    /** Null before the first gauge. */
    final InstrumentationScopeInfo scope;

    final Clock clock;

    Sources(
        List<HistogramSource> open,
        List<HistogramSource> over,
        PulledHistograms ofClosed,
        InstrumentationScopeInfo scope,
        Clock clock) {
      this.open = open;
      this.over = over;
      this.ofClosed = ofClosed;
      this.scope = scope;
      this.clock = clock;
    }

    void failed(Throwable fault) {
      for (HistogramSource source : open) {
        source.failed(fault);
      }
    }
  }
}
