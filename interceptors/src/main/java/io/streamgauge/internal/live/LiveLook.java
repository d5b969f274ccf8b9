package io.streamgauge.internal.live;

import io.streamgauge.StreamSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * One look at all streams: those that are open, and what those that have ended came to, by lane. A
 * stream is in one of the two, so that the sums of both never fall but by what is delivered after a
 * stream's end.
 */
public final class LiveLook {

  private final List<StreamSnapshot> streams = new ArrayList<>();
  private final Map<String, long[]> closed = new TreeMap<>();

  private final UnaryOperator<String> lanes;

  LiveLook(UnaryOperator<String> lanes) {
    this.lanes = lanes;
  }

  void add(StreamSnapshot stream) {
    streams.add(stream);
  }

  /** Adds sums as {@link LaneSums} keeps them. */
  void add(String lane, long[] sums) {
    long[] all = closed.computeIfAbsent(lane, unseen -> new long[sums.length]);
    for (int i = 0; i < sums.length; i++) {
      all[i] += sums[i];
    }
  }

  /** Calls with one message each way that ended well before a reader saw them. */
  public void addCleanEnds(String lane, long count) {
    long[] sums = new long[LaneSums.COUNT];
    sums[LaneSums.ENDED] = count;
    sums[LaneSums.SENT] = count;
    sums[LaneSums.RECEIVED] = count;
    add(lane, sums);
  }

  /** The lane of a stream: a caller may make up tags, and there are only so many lanes. */
  String lane(StreamSnapshot stream) {
    return lanes.apply(stream.lane());
  }

  /** The open streams as immutable views, in no particular order. */
  public List<StreamSnapshot> streams() {
    return streams;
  }

  Map<String, long[]> closed() {
    return closed;
  }
}
