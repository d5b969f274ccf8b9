package io.streamgauge.meter;

import io.streamgauge.stream.StreamMethod;
import io.streamgauge.stream.StreamSide;
import io.streamgauge.stream.StreamTotals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The numbers of one (side, method, lane). Written when a stream starts, ends or is drained; the
 * gauges are recomputed by each snapshot and belong to the snapshot's lock.
 */
final class MeterSeries implements StreamTotals {

  final StreamSide side;
  private final List<String> labels;

  final LongAdder started = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final LongAdder[] handled = new LongAdder[MeterCodes.COUNT];
  final MeterHistogram handling;

  /** Per code: 0 not seen, 1 admitted, 2 refused at the ceiling. */
  private final AtomicIntegerArray codes = new AtomicIntegerArray(MeterCodes.COUNT);

  volatile boolean connectKnown;
  volatile boolean executorKnown;

  long active;
  long connectDepth;
  long executorDepth;
  long handlerDepth;

  MeterSeries(StreamSide side, StreamMethod method, String lane) {
    this.side = side;
    this.labels = Arrays.asList(method.type().label(), method.service(), method.method(), lane);
    Arrays.setAll(handled, i -> new LongAdder());
    this.handling = new MeterHistogram(MetricCatalog.SERVER_HANDLING.buckets());
  }

  @Override
  public void add(long newSent, long newReceived) {
    sent.add(newSent);
    received.add(newReceived);
  }

  /** Counts an end; the first end with a code needs room for one more series. */
  void handled(int code, MeterCeiling ceiling) {
    int index = MeterCodes.index(code);
    if (admit(index, ceiling)) {
      handled[index].increment();
    }
  }

  boolean admit(int code, MeterCeiling ceiling) {
    if (codes.get(code) == 0) {
      int state = ceiling.admit(handledMetric()) ? 1 : 2;
      if (!codes.compareAndSet(code, 0, state) && state == 1) {
        ceiling.release(handledMetric());
      }
    }
    return codes.get(code) == 1;
  }

  MetricCatalog handledMetric() {
    return side == StreamSide.SERVER ? MetricCatalog.SERVER_HANDLED : MetricCatalog.CLIENT_HANDLED;
  }

  void clearGauges() {
    active = 0;
    connectDepth = 0;
    executorDepth = 0;
    handlerDepth = 0;
  }

  /** Adds this series' points to the families being built. */
  void write(MeterFamilies out) {
    boolean server = side == StreamSide.SERVER;
    out.add(server ? MetricCatalog.SERVER_STARTED : MetricCatalog.CLIENT_STARTED, labels, started);
    out.add(
        server ? MetricCatalog.SERVER_MSG_RECEIVED : MetricCatalog.CLIENT_MSG_RECEIVED,
        labels,
        received);
    out.add(server ? MetricCatalog.SERVER_MSG_SENT : MetricCatalog.CLIENT_MSG_SENT, labels, sent);
    for (int code = 0; code < MeterCodes.COUNT; code++) {
      if (codes.get(code) == 1) {
        out.add(handledMetric(), with(MeterCodes.name(code)), handled[code]);
      }
    }
    out.add(
        server ? MetricCatalog.SERVER_HANDLING : MetricCatalog.CLIENT_HANDLING,
        handling.point(labels));
    out.add(MetricCatalog.STREAM_ACTIVE, with(side.label()), active);
    if (connectKnown) {
      depth(out, "out", "connect", connectDepth);
    }
    if (executorKnown) {
      depth(out, "in", "executor", executorDepth);
    }
    depth(out, "in", "handler", handlerDepth);
  }

  private void depth(MeterFamilies out, String direction, String stage, long depth) {
    out.add(MetricCatalog.STREAM_BUFFER_DEPTH, with(side.label(), direction, stage), depth);
  }

  private List<String> with(String... extra) {
    List<String> all = new ArrayList<>(labels.size() + extra.length);
    all.addAll(labels);
    all.addAll(Arrays.asList(extra));
    return all;
  }
}
