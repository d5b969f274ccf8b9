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
    String name = name(stream.lane());
    Lane lane = lanes.get(name);
    if (lane == null) {
      lane = lanes.computeIfAbsent(name, unseen -> new Lane());
    }
    lane.ended.increment();
    if (StreamStatus.isError(stream.side(), stream.code())) {
      lane.failed.increment();
    }
    lane.sent.add(stream.sent());
    lane.received.add(stream.received());
  }

  /** A stream that ends before anything was known of it has no lane yet. */
  static String name(String lane) {
    return lane == null ? StreamRecorder.BASELINE : lane;
  }

  Map<String, Lane> lanes() {
    return new TreeMap<>(lanes);
  }
}
