package io.streamgauge.internal.metrics;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.internal.stream.StreamRecorder;

/** The gauges of one series while a snapshot adds them up from its live streams. */
final class SeriesGauges {

  private final CallSide side;

  // Sticky: once a depth was measured here it is published, at 0 if nothing is open.
  private volatile boolean connectKnown;
  private volatile boolean executorKnown;
  private boolean applicationKnown;
  private boolean transportKnown;
  private boolean deframerKnown;
  private boolean retryKnown;

  private long active;
  private long connect;
  private long limit;
  private long executor;
  private long handler;
  private long application;
  private long transport;
  private long deframer;
  private long retry;
  private long notReady;
  private long demand;
  private final long[] stalled = new long[StallCause.COUNT];
  private long oldestIdleNanos;
  private long oldestAgeNanos;

  SeriesGauges(CallSide side) {
    this.side = side;
  }

  /** Every call comes by here, so the monitor is for the first one that has news. */
  void started(StreamRecorder stream) {
    if ((!connectKnown && stream.connectKnown()) || (!executorKnown && stream.executorKnown())) {
      learnStages(stream);
    }
  }

  private synchronized void learnStages(StreamRecorder stream) {
    connectKnown |= stream.connectKnown();
    executorKnown |= stream.executorKnown();
  }

  /** Bytes are learnt of after the start: an attempt has a transport stream only then. */
  void ended(StreamRecorder stream) {
    if (stream.tellsBytes()) {
      learnBytes(stream);
    }
  }

  private synchronized void learnBytes(StreamRecorder stream) {
    transportKnown |= stream.transportKnown();
    deframerKnown |= stream.deframerKnown();
    retryKnown |= stream.replayKnown();
  }

  synchronized boolean bytesKnown() {
    return transportKnown || deframerKnown || retryKnown;
  }

  synchronized void clear() {
    transport = 0;
    deframer = 0;
    retry = 0;
    active = 0;
    connect = 0;
    limit = 0;
    executor = 0;
    handler = 0;
    application = 0;
    notReady = 0;
    demand = 0;
    java.util.Arrays.fill(stalled, 0);
    oldestIdleNanos = 0;
    oldestAgeNanos = 0;
  }

  synchronized void read(StreamRecorder stream, long now) {
    active++;
    connect += Math.max(0, stream.connectDepth());
    limit += stream.limitDepth();
    executor += Math.max(0, stream.executorDepth());
    handler += stream.handlerDepth();
    long queued = stream.applicationDepth();
    if (queued != StreamRecorder.UNKNOWN) {
      applicationKnown = true;
      application += queued;
    }
    ended(stream);
    transport += Math.max(0, stream.transportBytes());
    deframer += Math.max(0, stream.deframerBytes());
    retry += Math.max(0, stream.retryBytes());
    notReady += stream.isNotReady() ? 1 : 0;
    demand += stream.demand();
    StallCause cause = stream.cause();
    if (cause != null) {
      stalled[cause.index()]++;
    }
    oldestIdleNanos = Math.max(oldestIdleNanos, now - stream.movedNanos());
    oldestAgeNanos = Math.max(oldestAgeNanos, now - stream.startNanos());
  }

  synchronized void write(
      SeriesLabels labels, SnapshotBuilder out, boolean depths, boolean bytes, boolean stalls) {
    out.add(MetricCatalog.STREAM_ACTIVE, labels.withSide(), active);
    out.add(MetricCatalog.STREAM_NOT_READY, labels.withSide(), notReady);
    out.add(MetricCatalog.STREAM_DEMAND, labels.withSide(), demand);
    out.add(MetricCatalog.STREAM_OLDEST_IDLE, labels.withSide(), oldestIdleNanos / 1e9);
    out.add(MetricCatalog.STREAM_OLDEST_AGE, labels.withSide(), oldestAgeNanos / 1e9);
    if (depths) {
      if (connectKnown) {
        depth(labels, out, "out", "connect", connect);
        depth(labels, out, "out", "stream_limit", limit);
      }
      if (executorKnown) {
        depth(labels, out, "in", "executor", executor);
      }
      depth(labels, out, "in", "handler", handler);
      if (applicationKnown) {
        depth(labels, out, "in", "application", application);
      }
    }
    if (bytes) {
      if (transportKnown) {
        bytes(labels, out, "out", "transport", transport);
      }
      if (deframerKnown) {
        bytes(labels, out, "in", "deframer", deframer);
      }
      if (retryKnown) {
        bytes(labels, out, "out", "retry", retry);
      }
    }
    if (stalls) {
      for (StallCause cause : StallCause.of(side)) {
        out.add(
            MetricCatalog.STREAM_STALLED,
            labels.with(side.label(), cause.label()),
            stalled[cause.index()]);
      }
    }
  }

  private void depth(
      SeriesLabels labels, SnapshotBuilder out, String direction, String stage, long depth) {
    out.add(MetricCatalog.STREAM_BUFFER_DEPTH, labels.with(side.label(), direction, stage), depth);
  }

  private void bytes(
      SeriesLabels labels, SnapshotBuilder out, String direction, String stage, long bytes) {
    out.add(MetricCatalog.STREAM_BUFFER_BYTES, labels.with(side.label(), direction, stage), bytes);
  }
}
