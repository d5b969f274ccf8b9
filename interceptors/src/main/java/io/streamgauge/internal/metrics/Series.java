package io.streamgauge.internal.metrics;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.live.LiveLook;
import io.streamgauge.internal.stream.StreamKind;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.StreamTotals;
import io.streamgauge.internal.stream.WatchedMethod;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The numbers of one (side, method, lane). Written when a stream starts, ends, stalls or is
 * drained, and for sampled messages; never per message.
 */
final class Series implements StreamTotals {

  private static final int OK = 0;
  private static final int BYTE_STAGES = 3;
  private static final int DIRECTIONS = 2;

  /** Stands in the table for a series that found no room. */
  static final Series REFUSED =
      new Series(new SeriesLabels(CallSide.SERVER, WatchedMethod.OTHER, ""), new SeriesCeiling());

  /** Stands in the table for an unregistered name whose share was used up. */
  static final Series UNREGISTERED =
      new Series(new SeriesLabels(CallSide.SERVER, WatchedMethod.OTHER, ""), new SeriesCeiling());

  final SeriesLabels labels;
  final SeriesGauges gauges;
  final LaneEventCounts tags;
  private final SeriesCeiling ceiling;
  private final boolean server;

  private final LongAdder started = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final LongAdder wireOut = new LongAdder();
  private final LongAdder wireIn = new LongAdder();
  private final LongAdder blockedNanos = new LongAdder();
  private final LongAdder ignored = new LongAdder();
  private final LongAdder[] handled = new LongAdder[CodeLabels.COUNT];
  private final LongAdder[] stalls = new LongAdder[StallCause.COUNT];
  private final AtomicReferenceArray<TraceExemplar> stallExemplars =
      new AtomicReferenceArray<>(StallCause.COUNT);

  /** Null until the first one; a series of streams has none. */
  private volatile CleanEnds clean;

  /** By code, of ends that were not clean; made with the first one. */
  private final AtomicReferenceArray<Histogram> durations =
      new AtomicReferenceArray<>(CodeLabels.COUNT);

  private final Histogram handling;
  private final Histogram queue;
  private final Histogram handler;
  private final Histogram firstMessage;

  /** Null on the server, where the limit is set and not waited for. */
  private final Histogram limitWait;

  /** Of its streams; replaced where they are another gauge's or, for other, another method's. */
  private volatile StreamKind kind;

  /** Per code: 0 not seen, 1 admitted, 2 refused at the ceiling. */
  private final AtomicIntegerArray codes = new AtomicIntegerArray(CodeLabels.COUNT);

  /** Some transports have no bytes (in-process); nothing is said about theirs. */
  private volatile boolean wireKnown;

  private final boolean shared;
  private final boolean depths;

  /** Asked for when there is something to show: without the agent there never is. */
  private Boolean bytes;

  private final boolean causes;
  private final boolean wire;

  Series(SeriesLabels labels, SeriesCeiling ceiling) {
    this.labels = labels;
    this.ceiling = ceiling;
    this.server = labels.side() == CallSide.SERVER;
    this.gauges = new SeriesGauges(labels.side());
    this.tags = new LaneEventCounts(ceiling);
    Arrays.setAll(handled, i -> new LongAdder());
    Arrays.setAll(stalls, i -> new LongAdder());
    handling = new Histogram(MetricCatalog.SERVER_HANDLING.buckets());
    queue = new Histogram(MetricCatalog.STREAM_QUEUE.buckets());
    handler = new Histogram(MetricCatalog.STREAM_HANDLER.buckets());
    firstMessage = new Histogram(MetricCatalog.STREAM_FIRST_MESSAGE.buckets());
    limitWait = server ? null : new Histogram(MetricCatalog.STREAM_LIMIT_WAIT.buckets());
    // Metrics that both sides share, or that have labels of their own, fill up sooner.
    shared = ceiling.admit(MetricCatalog.STREAM_ACTIVE, 1);
    depths = shared && ceiling.admit(MetricCatalog.STREAM_BUFFER_DEPTH, stages(labels.side()));
    causes = shared && ceiling.admit(MetricCatalog.STREAM_STALLED, causes(labels.side()));
    wire = shared && ceiling.admit(MetricCatalog.STREAM_WIRE_BYTES, DIRECTIONS);
  }

  /** Of a client's messages also {@code connect} and {@code stream_limit}. */
  private static int stages(CallSide side) {
    return side == CallSide.SERVER ? 3 : 5;
  }

  private static int causes(CallSide side) {
    return StallCause.of(side).size();
  }

  /** Series that one method and lane has of that metric at most, both sides together. */
  static int each(MetricCatalog metric) {
    switch (metric) {
      case STREAM_ACTIVE:
        return 2;
      case STREAM_WIRE_BYTES:
        return 2 * DIRECTIONS;
      case STREAM_BUFFER_BYTES:
        return 2 * BYTE_STAGES;
      case STREAM_BUFFER_DEPTH:
        return stages(CallSide.SERVER) + stages(CallSide.CLIENT);
      case STREAM_STALLED:
        return causes(CallSide.SERVER) + causes(CallSide.CLIENT);
      default:
        return 1;
    }
  }

  boolean refused() {
    return this == REFUSED || this == UNREGISTERED;
  }

  // ---- written -------------------------------------------------------------------------------

  /** A stream starts, which counts here from now on. */
  @CallPath
  void started(StreamRecorder stream, StreamKind counted) {
    stream.kind(counted);
    if (!stream.isUnary()) {
      started.increment();
    }
    gauges.started(stream);
  }

  /** What a stream that counts here is from its start on. */
  StreamKind kindOf(StreamRecorder stream) {
    StreamKind known = kind;
    if (known == null || !known.fits(stream.environment(), stream.method())) {
      known = new StreamKind(stream.side(), stream.environment(), stream.method(), this);
      kind = known;
    }
    return known;
  }

  /** The start of a unary call, which does not follow from its end. */
  @Override
  public void started() {
    started.increment();
  }

  /**
   * A clean end: its start and its messages follow from it.
   *
   * @return whether the code has a series
   */
  @CallPath(quick = true)
  boolean clean(StreamRecorder stream, long nanos, long nowNanos) {
    CleanEnds ends = clean == null ? makeClean() : clean;
    ends.add(stream, nanos, nowNanos);
    return admit(OK);
  }

  private synchronized CleanEnds makeClean() {
    if (clean == null) {
      clean = new CleanEnds();
    }
    return clean;
  }

  @Override
  @CallPath
  public void messages(long newSent, long newReceived) {
    sent.add(newSent);
    received.add(newReceived);
  }

  @Override
  public void wireBytes(long out, long in) {
    wireKnown = true;
    wireOut.add(out);
    wireIn.add(in);
  }

  @Override
  public void blocked(long nanos, long newIgnored) {
    blockedNanos.add(nanos);
    ignored.add(newIgnored);
  }

  /**
   * Counts an end; the first end with a code needs room for one more series.
   *
   * @return whether there is one
   */
  @CallPath
  boolean handled(StreamRecorder stream, double seconds, long nowNanos) {
    gauges.ended(stream);
    handling.observe(seconds, stream, nowNanos);
    int index = CodeLabels.index(stream.code());
    boolean admitted = admit(index);
    if (admitted) {
      handled[index].increment();
    }
    return admitted;
  }

  /** The duration of a call whose end was not clean, for {@link #addDurations}. */
  @CallPath(pulled = true)
  void took(StreamRecorder stream, double seconds, long nowNanos) {
    int code = CodeLabels.index(stream.code());
    Histogram known = durations.get(code);
    if (known == null) {
      durations.compareAndSet(code, null, new Histogram(CallBounds.rpc()));
      known = durations.get(code);
    }
    known.observe(seconds, stream, nowNanos);
  }

  void timed(MetricCatalog metric, double seconds, StreamRecorder stream) {
    histogram(metric).observe(seconds, stream);
  }

  private Histogram histogram(MetricCatalog metric) {
    switch (metric) {
      case STREAM_QUEUE:
        return queue;
      case STREAM_HANDLER:
        return handler;
      case STREAM_LIMIT_WAIT:
        return limitWait;
      default:
        return firstMessage;
    }
  }

  void stalled(StallCause cause, TraceExemplar exemplar) {
    stalls[cause.index()].increment();
    if (exemplar != null) {
      stallExemplars.lazySet(cause.index(), exemplar);
    }
  }

  boolean admit(int code) {
    if (codes.get(code) == 0) {
      int state = ceiling.admit(handledMetric(), 1) ? 1 : 2;
      if (!codes.compareAndSet(code, 0, state) && state == 1) {
        ceiling.release(handledMetric(), 1);
      }
    }
    return codes.get(code) == 1;
  }

  MetricCatalog handledMetric() {
    return server ? MetricCatalog.SERVER_HANDLED : MetricCatalog.CLIENT_HANDLED;
  }

  /** Whether values of that histogram have a series. */
  boolean publishes(MetricCatalog metric) {
    return shared && metric.type() == MetricCatalog.Type.HISTOGRAM;
  }

  boolean publishesCauses() {
    return causes;
  }

  /** Gives back the room of a series that lost the race to be the one. */
  void release() {
    if (shared) {
      ceiling.release(MetricCatalog.STREAM_ACTIVE, 1);
    }
    if (depths) {
      ceiling.release(MetricCatalog.STREAM_BUFFER_DEPTH, stages(labels.side()));
    }
    if (causes) {
      ceiling.release(MetricCatalog.STREAM_STALLED, causes(labels.side()));
    }
    if (wire) {
      ceiling.release(MetricCatalog.STREAM_WIRE_BYTES, DIRECTIONS);
    }
  }

  void addCleanEnds(LiveLook look) {
    CleanEnds ends = clean;
    if (ends != null) {
      look.addCleanEnds(labels.lane(), ends.count());
    }
  }

  // ---- read ----------------------------------------------------------------------------------

  /** Adds this series' points to the families being built. */
  void write(SnapshotBuilder out) {
    CleanEnds ends = clean;
    // Ends are read before starts, so that there are never more of them.
    for (int code = 0; code < CodeLabels.COUNT; code++) {
      if (codes.get(code) == 1) {
        long more = code == OK && ends != null ? ends.count() : 0;
        out.add(handledMetric(), labels.with(CodeLabels.name(code)), handled[code].sum() + more);
      }
    }
    writeHandling(out, ends);
    long each = ends == null ? 0 : ends.count();
    out.add(
        server ? MetricCatalog.SERVER_STARTED : MetricCatalog.CLIENT_STARTED,
        labels.call(),
        each + started.sum());
    out.add(
        server ? MetricCatalog.SERVER_MSG_RECEIVED : MetricCatalog.CLIENT_MSG_RECEIVED,
        labels.call(),
        each + received.sum());
    out.add(
        server ? MetricCatalog.SERVER_MSG_SENT : MetricCatalog.CLIENT_MSG_SENT,
        labels.call(),
        each + sent.sum());
    tags.write(labels, out);
    if (shared) {
      writeShared(out);
    }
  }

  /** Adds the points of the histograms alone. */
  void writeHistograms(SnapshotBuilder out) {
    writeHandling(out, clean);
    if (shared) {
      writeTimes(out);
    }
  }

  private void writeHandling(SnapshotBuilder out, CleanEnds ends) {
    out.add(
        server ? MetricCatalog.SERVER_HANDLING : MetricCatalog.CLIENT_HANDLING,
        handling.point(labels, labels.call(), ends, CallBounds::life));
  }

  private void writeTimes(SnapshotBuilder out) {
    out.add(MetricCatalog.STREAM_QUEUE, queue.point(labels, labels.withSide()));
    out.add(MetricCatalog.STREAM_HANDLER, handler.point(labels, labels.withSide()));
    out.add(MetricCatalog.STREAM_FIRST_MESSAGE, firstMessage.point(labels, labels.withSide()));
    if (limitWait != null) {
      out.add(MetricCatalog.STREAM_LIMIT_WAIT, limitWait.point(labels, labels.withSide()));
    }
  }

  /** Adds how long the calls took, for each code that has a series. */
  void addDurations(List<CallDuration> out) {
    for (int code = 0; code < CodeLabels.COUNT; code++) {
      if (codes.get(code) == 1) {
        MetricPoint point = duration(code);
        if (point != null) {
          out.add(new CallDuration(labels, code, point));
        }
      }
    }
  }

  private MetricPoint duration(int code) {
    Histogram own = durations.get(code);
    CleanEnds ends = code == OK ? clean : null;
    if (own == null && ends == null) {
      return null;
    }
    if (own == null) {
      own = new Histogram(CallBounds.rpc());
    }
    return own.point(labels, Collections.emptyList(), ends, CallBounds::rpc);
  }

  private void writeShared(SnapshotBuilder out) {
    String side = labels.side().label();
    if (bytes == null && gauges.bytesKnown()) {
      bytes = ceiling.admit(MetricCatalog.STREAM_BUFFER_BYTES, BYTE_STAGES);
    }
    gauges.write(labels, out, depths, Boolean.TRUE.equals(bytes), causes);
    out.add(MetricCatalog.STREAM_BLOCKED, labels.withSide(), blockedNanos.sum() / 1e9);
    out.add(MetricCatalog.STREAM_SENT_WHILE_NOT_READY, labels.withSide(), ignored);
    writeTimes(out);
    CleanEnds ends = clean;
    long moreOut = ends == null ? 0 : ends.wireOut();
    long moreIn = ends == null ? 0 : ends.wireIn();
    if (wire && (wireKnown || moreOut + moreIn > 0)) {
      out.add(MetricCatalog.STREAM_WIRE_BYTES, labels.with(side, "out"), wireOut.sum() + moreOut);
      out.add(MetricCatalog.STREAM_WIRE_BYTES, labels.with(side, "in"), wireIn.sum() + moreIn);
    }
    if (causes) {
      for (StallCause cause : StallCause.of(labels.side())) {
        out.add(
            MetricCatalog.STREAM_STALLS,
            new MetricPoint(
                labels.with(side, cause.label()),
                stalls[cause.index()].sum(),
                stallExemplars.get(cause.index())));
      }
    }
  }
}
