package io.streamgauge.internal.live;

import io.streamgauge.internal.stream.StatusCodes;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.HashMap;
import java.util.Map;

/** What ended streams came to, by lane; guarded by the monitor of its owner. */
final class LaneSums {

  static final int ENDED = 0;
  static final int FAILED = 1;
  static final int SENT = 2;
  static final int RECEIVED = 3;
  static final int COUNT = 4;

  private final Map<String, long[]> lanes = new HashMap<>();

  void add(StreamRecorder stream, String lane) {
    long[] sums = lanes.get(lane);
    if (sums == null) {
      sums = new long[COUNT];
      lanes.put(lane, sums);
    }
    sums[ENDED]++;
    sums[FAILED] += StatusCodes.isError(stream.side(), stream.code()) ? 1 : 0;
    sums[SENT] += stream.sent();
    sums[RECEIVED] += stream.received();
  }

  void addTo(LiveLook look) {
    lanes.forEach(look::add);
  }
}
