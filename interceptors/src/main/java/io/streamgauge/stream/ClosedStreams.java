package io.streamgauge.stream;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the streams that have ended came to, by lane: with the open ones, sums that never fall. Any
 * thread counts, any thread reads.
 */
public final class ClosedStreams {

  /** Sums of one lane. */
  static final class Lane {
    final LongAdder ended = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder received = new LongAdder();
  }

  // As many as there are lanes, which the gray rules bound.
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

  void add(StreamRecorder stream) {
    Lane lane = lanes.get(stream.lane());
    if (lane == null) {
      lane = lanes.computeIfAbsent(stream.lane(), name -> new Lane());
    }
    lane.ended.increment();
    if (StreamStatus.isError(stream.side(), stream.code())) {
      lane.failed.increment();
    }
    lane.sent.add(stream.sent());
    lane.received.add(stream.received());
  }

  Map<String, Lane> lanes() {
    return new TreeMap<>(lanes);
  }
}
