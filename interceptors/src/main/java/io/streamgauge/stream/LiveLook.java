package io.streamgauge.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One look at all streams: those that are open, and what those that have ended came to, by lane. A
 * stream is in one of the two, so that the sums of both never fall but by what is delivered after a
 * stream's end.
 */
public final class LiveLook {

  /** Lanes told apart; what comes beyond is {@value #OTHER}, since a caller may make up tags. */
  static final int MAX_LANES = 12;

  static final String OTHER = "other";

  private final List<StreamView> streams = new ArrayList<>();
  private final Map<String, long[]> closed = new TreeMap<>();

  LiveLook() {}

  void add(StreamView stream) {
    streams.add(stream);
  }

  /** Adds sums as {@link LaneSums} keeps them. */
  void add(String lane, long[] sums) {
    long[] all = closed.computeIfAbsent(bounded(closed, lane), unseen -> new long[sums.length]);
    for (int i = 0; i < sums.length; i++) {
      all[i] += sums[i];
    }
  }

  /** The lane itself while there is room for it. */
  static String bounded(Map<String, ?> lanes, String lane) {
    String name = lane == null ? StreamRecorder.BASELINE : lane;
    return lanes.containsKey(name) || lanes.size() < MAX_LANES ? name : OTHER;
  }

  /** The open streams as immutable views, in no particular order. */
  public List<StreamView> streams() {
    return streams;
  }

  Map<String, long[]> closed() {
    return closed;
  }
}
