package io.streamgauge.console.live;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What several processes' totals come to, with rates. */
final class LiveSums {

  private static final String[] SUMS = LiveSampler.sums();

  private final double[] sums = new double[SUMS.length];
  private double oldestIdle;
  private double in;
  private double out;
  private double ended;
  private double failed;

  /** Adds the totals of one process; a missing number counts as zero. */
  void add(Map<?, ?> totals, LiveRates rates, String key) {
    for (int i = 0; i < SUMS.length; i++) {
      sums[i] += number(totals.get(SUMS[i]));
    }
    oldestIdle = Math.max(oldestIdle, number(totals.get("oldest_idle_seconds")));
    double[] perSecond =
        rates.of(
            key,
            number(totals.get("msg_received")),
            number(totals.get("msg_sent")),
            number(totals.get("ended")),
            number(totals.get("failed")));
    if (perSecond != null) {
      in += perSecond[0];
      out += perSecond[1];
      ended += perSecond[2];
      failed += perSecond[3];
    }
  }

  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    for (int i = 0; i < SUMS.length; i++) {
      facts.put(SUMS[i], (long) sums[i]);
    }
    facts.put("oldest_idle_seconds", oldestIdle);
    facts.put("in_per_second", in);
    facts.put("out_per_second", out);
    facts.put("error_percent", ended == 0 ? 0 : 100 * failed / ended);
    return facts;
  }

  /** What the charts show. */
  void point(Map<String, Object> point) {
    point.put("in", round(in));
    point.put("out", round(out));
    point.put("open", (long) sums[0]);
    point.put("stalled", (long) sums[1]);
    point.put("buffered", (long) sums[3]);
  }

  /** Messages of a lane, both ways. */
  double perSecond() {
    return round(in + out);
  }

  private static double round(double value) {
    return Math.round(value * 10) / 10.0;
  }

  /** What should be a map, and an empty one if it is not. */
  static Map<?, ?> map(Object value) {
    return value instanceof Map ? (Map<?, ?>) value : Collections.emptyMap();
  }

  static double number(Object value) {
    return value instanceof Number ? ((Number) value).doubleValue() : 0;
  }
}
