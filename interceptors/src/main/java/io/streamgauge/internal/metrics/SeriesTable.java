package io.streamgauge.internal.metrics;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.guard.NanoClock;
import io.streamgauge.internal.live.LiveLook;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.stream.ContextSlot;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamKind;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * All series of one gauge. A stream finds its series when it starts and never looks it up again;
 * the thread that takes a snapshot drains totals from the live streams.
 */
public final class SeriesTable implements StreamListener {

  private final Guard guard;
  private final NanoClock clock;
  private final LiveStreams live;
  private final LaneNames lanes;
  private final SeriesCeiling ceiling = new SeriesCeiling();
  private final Map<WatchedMethod, Map<String, Series>> servers = new ConcurrentHashMap<>();
  private final Map<WatchedMethod, Map<String, Series>> clients = new ConcurrentHashMap<>();
  private final Map<CallSide, List<WatchedMethod>> preregistered = new EnumMap<>(CallSide.class);
  private final Set<CallSide> sides = EnumSet.noneOf(CallSide.class);
  private final List<MetricEvents> events = new CopyOnWriteArrayList<>();
  private final Object snapshots = new Object();
  private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
  private final List<Supplier<Map<String, Map<String, Integer>>>> endpoints =
      new CopyOnWriteArrayList<>();

  /**
   * Whether calls are also counted by the bounds of the RPC semantic conventions. Written before
   * the first call.
   */
  private volatile boolean durations;

  private final LongAdder configApplied = new LongAdder();
  private final LongAdder configRefused = new LongAdder();

  public SeriesTable(Guard guard, NanoClock clock, LiveStreams live, LaneNames lanes) {
    this.guard = guard;
    this.clock = clock;
    this.live = live;
    this.lanes = lanes;
  }

  /** Tells timed values and stalls to an exporter too, from now on. */
  public void tell(MetricEvents exporter) {
    events.add(exporter);
  }

  /** Keeps what {@link #durations()} gives; told before the first call. */
  public void keepDurations() {
    durations = true;
  }

  // ---- streams -------------------------------------------------------------------------------

  @Override
  @CallPath
  public void started(StreamRecorder stream) {
    StreamKind kind = counted(stream);
    if (kind != null) {
      ((Series) kind.totals()).started(stream, kind);
    }
  }

  /** The kind that a stream counts under, by its method and its lane; null if it is refused. */
  @CallPath
  @SuppressWarnings("ReferenceEquality") // the constant: a tag of the same text is a tag
  private StreamKind counted(StreamRecorder stream) {
    String lane = stream.lane();
    boolean baseline = lane == StreamRecorder.BASELINE;
    StreamKind born = stream.kind();
    Object rules = lanes.rules(); // before the lane is looked up by them
    StreamKind known = baseline ? born.baseline() : born.tagged(lane, rules);
    if (known != null) {
      return known;
    }
    Series series = series(stream.side(), stream.method(), lanes.lane(lane));
    if (series == null) {
      return null;
    }
    StreamKind kind = series.kindOf(stream);
    if (series.labels.isOf(stream.method())) {
      if (baseline) {
        born.baseline(kind);
      } else {
        born.tagged(new StreamKind.Tagged(lane, rules, kind));
      }
    }
    return kind;
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream, long nowNanos) {
    Series series = (Series) stream.totals();
    if (series != null) {
      long nanos = Math.max(0, stream.endNanos(nowNanos) - stream.startNanos());
      double seconds = seconds(nanos);
      boolean clean = stream.isCleanEnd();
      boolean coded =
          clean ? series.clean(stream, nanos, nowNanos) : series.handled(stream, seconds, nowNanos);
      if (durations && !clean && coded) {
        series.took(stream, seconds, nowNanos);
      }
      int code = coded ? stream.code() : MetricEvents.NO_CODE;
      for (int i = 0; i < events.size(); i++) {
        events.get(i).ended(series.labels, code, seconds, recorded(stream), nowNanos);
      }
    }
  }

  @Override
  @CallPath
  public void firstMessage(StreamRecorder stream, long nanos) {
    timed(MetricCatalog.STREAM_FIRST_MESSAGE, stream, nanos);
  }

  @Override
  public void waitedAtLimit(StreamRecorder stream, long nanos) {
    timed(MetricCatalog.STREAM_LIMIT_WAIT, stream, nanos);
  }

  @Override
  @CallPath
  public void queued(StreamRecorder stream, long nanos) {
    timed(MetricCatalog.STREAM_QUEUE, stream, nanos);
  }

  @Override
  @CallPath
  public void held(StreamRecorder stream, long nanos) {
    timed(MetricCatalog.STREAM_HANDLER, stream, nanos);
  }

  private void timed(MetricCatalog metric, StreamRecorder stream, long nanos) {
    Series series = (Series) stream.totals();
    if (series != null && series.publishes(metric)) {
      double seconds = seconds(nanos);
      series.timed(metric, seconds, stream);
      // By index: an iterator would be garbage per sampled message.
      for (int i = 0; i < events.size(); i++) {
        events.get(i).timed(metric, series.labels, seconds, recorded(stream));
      }
    }
  }

  @Override
  public void stalled(StreamRecorder stream, StallCause cause) {
    Series series = (Series) stream.totals();
    if (series != null && series.publishesCauses()) {
      series.stalled(cause, TraceExemplar.of(1, stream));
      for (MetricEvents exporter : events) {
        exporter.stalled(series.labels, cause.label(), recorded(stream));
      }
    }
  }

  @Override
  public void refused(StreamRecorder stream, String what) {
    LongAdder count = refused.get(what);
    if (count == null) {
      count = refused.computeIfAbsent(what, key -> new LongAdder());
    }
    count.increment();
  }

  @Override
  public void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {
    // Before the stream starts: its series is the one it will have.
    StreamKind kind = counted(stream);
    if (kind != null) {
      ((Series) kind.totals()).tags.count(event, detail);
    }
  }

  @Override
  public void messageInLane(StreamRecorder stream, String tag, String source, boolean inbound) {
    Series own = (Series) stream.totals();
    Series other = series(stream.side(), stream.method(), lanes.lane(tag));
    if (other == null) {
      return;
    }
    if (other != own) {
      stream.countInOtherLane(inbound);
      other.messages(inbound ? 0 : 1, inbound ? 1 : 0);
    }
    if (inbound) {
      other.tags.count(LaneEvent.RESOLVED, source);
    }
  }

  /**
   * Shows numbers of endpoints, by raw tag and state.
   *
   * @return undoes it
   */
  public Runnable endpoints(Supplier<Map<String, Map<String, Integer>>> source) {
    endpoints.add(source);
    return () -> endpoints.remove(source);
  }

  private void writeEndpoints(SnapshotBuilder out) {
    Map<List<String>, Integer> sums = new LinkedHashMap<>();
    for (Supplier<Map<String, Map<String, Integer>>> source : endpoints) {
      try {
        source
            .get()
            .forEach(
                (tag, states) ->
                    states.forEach(
                        (state, count) ->
                            sums.merge(
                                Arrays.asList(lanes.lane(tag), state), count, Integer::sum)));
      } catch (Throwable t) {
        guard.swallow("lane.endpoints", t);
      }
    }
    sums.forEach((labels, count) -> out.add(MetricCatalog.GRAY_LANE_ENDPOINTS, labels, count));
  }

  /** The configuration was changed at run time, or was to be. */
  public void configChanged(boolean applied) {
    (applied ? configApplied : configRefused).increment();
  }

  /** Null unless the stream's trace is recorded. */
  private static ContextSlot recorded(StreamRecorder stream) {
    return stream.sampled() ? stream.contextSlot() : null;
  }

  private static double seconds(long nanos) {
    return Math.max(0, nanos) / 1e9;
  }

  private Series series(CallSide side, WatchedMethod method, String lane) {
    Map<WatchedMethod, Map<String, Series>> methods = side == CallSide.SERVER ? servers : clients;
    // Asked first: on Java 8 computeIfAbsent locks the bin even of a key that is there
    // (JDK-8161372).
    Map<String, Series> byLane = methods.get(method);
    if (byLane == null) {
      byLane = methods.computeIfAbsent(method, m -> new ConcurrentHashMap<>());
    }
    Series known = byLane.get(lane);
    if (known == null) {
      known = make(side, method, lane, byLane);
    }
    if (known == Series.UNREGISTERED) {
      if (!method.isRegistered()) {
        // A name that may be made up is counted with all others of its kind.
        return series(side, WatchedMethod.OTHER, lane);
      }
      byLane.remove(lane, known);
      known = make(side, method, lane, byLane);
    }
    return known.refused() ? null : known;
  }

  /** At the ceiling a refused one, remembered so that it is counted once. */
  private Series make(
      CallSide side, WatchedMethod method, String lane, Map<String, Series> byLane) {
    MetricCatalog key =
        side == CallSide.SERVER ? MetricCatalog.SERVER_STARTED : MetricCatalog.CLIENT_STARTED;
    SeriesCeiling share = ceiling.of(method);
    synchronized (byLane) {
      Series raced = byLane.get(lane);
      if (raced != null) {
        return raced;
      }
      if (!share.admit(key, 1)) {
        Series marker = share == ceiling ? Series.REFUSED : Series.UNREGISTERED;
        byLane.put(lane, marker);
        return marker;
      }
    }
    Series made = new Series(new SeriesLabels(side, method, lane), share);
    Series raced = byLane.putIfAbsent(lane, made);
    if (raced != null) {
      share.release(key, 1);
      made.release();
      return raced;
    }
    if (made.publishesCauses()) {
      events.forEach(exporter -> exporter.created(made.labels));
    }
    return made;
  }

  // ---- zero series before traffic ------------------------------------------------------------

  /** This process has calls of that side; its preregistered methods then start at zero. */
  public synchronized void uses(CallSide side) {
    if (sides.add(side)) {
      preregistered
          .getOrDefault(side, Collections.emptyList())
          .forEach(method -> zero(side, method));
    }
  }

  /** Starts a method at zero in the baseline lane, once the process uses that side. */
  public synchronized void preregister(CallSide side, WatchedMethod method) {
    preregistered.computeIfAbsent(side, s -> new ArrayList<>()).add(method);
    if (sides.contains(side)) {
      zero(side, method);
    }
  }

  private void zero(CallSide side, WatchedMethod method) {
    Series series = series(side, method, StreamRecorder.BASELINE);
    if (series == null) {
      return;
    }
    // Zeros may not crowd out real traffic: past half the ceiling only OK starts at zero.
    for (int code = 0; code < CodeLabels.COUNT; code++) {
      if (code == 0 || ceiling.used(series.handledMetric()) < SeriesCeiling.MAX_SERIES / 2) {
        series.admit(code);
      }
    }
  }

  /** Adds the calls to a look that ended before any look found them open. */
  public void addCleanEnds(LiveLook look) {
    all().forEach(series -> series.addCleanEnds(look));
  }

  private List<Series> all() {
    List<Series> all = new ArrayList<>();
    servers.values().forEach(byLane -> all.addAll(byLane.values()));
    clients.values().forEach(byLane -> all.addAll(byLane.values()));
    all.removeIf(Series::refused);
    return all;
  }

  // ---- reading -------------------------------------------------------------------------------

  /** The catalogue now. Drains live streams; one caller at a time, writers are not held up. */
  public MetricSnapshot snapshot() {
    synchronized (snapshots) {
      return take();
    }
  }

  private MetricSnapshot take() {
    List<Series> all = all();
    all.forEach(series -> series.gauges.clear());
    long now = clock.nanoTime();
    live.forEach(stream -> read(stream, now));
    SnapshotBuilder out = new SnapshotBuilder();
    all.forEach(series -> series.write(out));
    out.add(
        MetricCatalog.CONFIG_CHANGES, Collections.singletonList("applied"), configApplied.sum());
    out.add(
        MetricCatalog.CONFIG_CHANGES, Collections.singletonList("refused"), configRefused.sum());
    writeEndpoints(out);
    out.add(MetricCatalog.SERIES_DROPPED, Collections.emptyList(), ceiling.dropped());
    new TreeMap<>(refused)
        .forEach(
            (what, count) ->
                out.add(MetricCatalog.REFUSED, Collections.singletonList(what), count));
    new TreeMap<>(guard.faults())
        .forEach(
            (site, count) -> out.add(MetricCatalog.FAULTS, Collections.singletonList(site), count));
    return out.build();
  }

  /** The histograms of the catalogue now, and nothing else of it. No live stream is read. */
  public MetricSnapshot histograms() {
    SnapshotBuilder out = new SnapshotBuilder();
    all().forEach(series -> series.writeHistograms(out));
    return out.build();
  }

  /** Whether no stream is open that could still be counted. */
  public boolean isIdle() {
    return live.size() == 0;
  }

  /** How long calls took, by code; complete only with {@link #keepDurations}. */
  public List<CallDuration> durations() {
    List<CallDuration> out = new ArrayList<>();
    all().forEach(series -> series.addDurations(out));
    return out;
  }

  private static void read(StreamRecorder stream, long now) {
    stream.seen();
    Series series = (Series) stream.totals();
    if (series != null) {
      stream.settle();
      series.gauges.read(stream, now);
    }
  }
}
