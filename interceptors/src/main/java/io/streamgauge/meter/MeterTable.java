package io.streamgauge.meter;

import io.streamgauge.guard.Guard;
import io.streamgauge.guard.GuardClock;
import io.streamgauge.stream.LiveStreams;
import io.streamgauge.stream.StreamListener;
import io.streamgauge.stream.StreamMethod;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.stream.StreamSide;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All series of one gauge. A stream finds its series when it starts and never looks it up again;
 * totals are drained from the live streams by whoever takes a snapshot.
 */
public final class MeterTable implements StreamListener {

  private final Guard guard;
  private final GuardClock clock;
  private final LiveStreams live;
  private final MeterCeiling ceiling = new MeterCeiling();
  private final Map<StreamMethod, Map<String, MeterSeries>> servers = new ConcurrentHashMap<>();
  private final Map<StreamMethod, Map<String, MeterSeries>> clients = new ConcurrentHashMap<>();
  private final Map<StreamSide, List<StreamMethod>> preregistered = new EnumMap<>(StreamSide.class);
  private final Set<StreamSide> sides = EnumSet.noneOf(StreamSide.class);

  public MeterTable(Guard guard, GuardClock clock, LiveStreams live) {
    this.guard = guard;
    this.clock = clock;
    this.live = live;
  }

  // ---- streams -------------------------------------------------------------------------------

  @Override
  public void started(StreamRecorder stream) {
    MeterSeries series = series(stream.side(), stream.method(), stream.lane());
    if (series == null) {
      return;
    }
    if (stream.connectKnown()) {
      series.connectKnown = true;
    }
    if (stream.executorKnown()) {
      series.executorKnown = true;
    }
    stream.totals(series);
    series.started.increment();
  }

  @Override
  public void ended(StreamRecorder stream) {
    MeterSeries series = (MeterSeries) stream.totals();
    if (series != null) {
      series.handling.observe(seconds(clock.nanoTime() - stream.startNanos()));
      series.handled(stream.code(), ceiling);
    }
  }

  private static double seconds(long nanos) {
    return Math.max(0, nanos) / 1e9;
  }

  private MeterSeries series(StreamSide side, StreamMethod method, String lane) {
    Map<StreamMethod, Map<String, MeterSeries>> bySide =
        side == StreamSide.SERVER ? servers : clients;
    Map<String, MeterSeries> byLane = bySide.get(method);
    if (byLane != null) {
      MeterSeries known = byLane.get(lane);
      if (known != null) {
        return known;
      }
    }
    MetricCatalog key =
        side == StreamSide.SERVER ? MetricCatalog.SERVER_STARTED : MetricCatalog.CLIENT_STARTED;
    if (!ceiling.admit(key)) {
      return null;
    }
    MeterSeries made = new MeterSeries(side, method, lane);
    MeterSeries raced =
        bySide.computeIfAbsent(method, m -> new ConcurrentHashMap<>()).putIfAbsent(lane, made);
    if (raced != null) {
      ceiling.release(key);
      return raced;
    }
    return made;
  }

  // ---- zero series before traffic ------------------------------------------------------------

  /** This process has calls of that side; its preregistered methods then start at zero. */
  public synchronized void uses(StreamSide side) {
    if (sides.add(side)) {
      preregistered
          .getOrDefault(side, Collections.emptyList())
          .forEach(method -> zero(side, method));
    }
  }

  /** Starts a method at zero in the baseline lane, once the process uses that side. */
  public synchronized void preregister(StreamSide side, StreamMethod method) {
    preregistered.computeIfAbsent(side, s -> new ArrayList<>()).add(method);
    if (sides.contains(side)) {
      zero(side, method);
    }
  }

  private void zero(StreamSide side, StreamMethod method) {
    MeterSeries series = series(side, method, StreamRecorder.BASELINE);
    if (series == null) {
      return;
    }
    // Zeros may not crowd out real traffic: past half the ceiling only OK starts at zero.
    for (int code = 0; code < MeterCodes.COUNT; code++) {
      if (code == 0 || ceiling.used(series.handledMetric()) < MeterCeiling.MAX_SERIES / 2) {
        series.admit(code, ceiling);
      }
    }
  }

  // ---- reading -------------------------------------------------------------------------------

  /** The catalogue now. Drains live streams; one caller at a time, writers are not held up. */
  public synchronized MeterSnapshot snapshot() {
    List<MeterSeries> all = new ArrayList<>();
    servers.values().forEach(lanes -> all.addAll(lanes.values()));
    clients.values().forEach(lanes -> all.addAll(lanes.values()));
    all.forEach(MeterSeries::clearGauges);
    live.forEach(MeterTable::read);
    MeterFamilies out = new MeterFamilies();
    all.forEach(series -> series.write(out));
    out.add(MetricCatalog.SERIES_DROPPED, Collections.emptyList(), ceiling.dropped());
    new TreeMap<>(guard.faults())
        .forEach(
            (site, count) -> out.add(MetricCatalog.FAULTS, Collections.singletonList(site), count));
    return out.build();
  }

  private static void read(StreamRecorder stream) {
    MeterSeries series = (MeterSeries) stream.totals();
    if (series == null) {
      return;
    }
    stream.settle();
    series.active++;
    series.connectDepth += Math.max(0, stream.connectDepth());
    series.executorDepth += Math.max(0, stream.executorDepth());
    series.handlerDepth += stream.handlerDepth();
  }
}
