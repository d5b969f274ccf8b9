package io.streamgauge.console.live;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** One stream as the page shows it: the facts, whose it is, and its rates. */
final class LiveRow {

  /** Stalled ones by how long, then not writable ones, then by what waits, then by idle time. */
  static final Comparator<Map<String, Object>> WORST_FIRST =
      Comparator.comparing((Map<String, Object> row) -> row.get("cause") == null)
          .thenComparing(row -> row.get("cause") == null ? 0 : -idle(row))
          .thenComparing(row -> !Boolean.TRUE.equals(row.get("not_ready")))
          .thenComparing(row -> -waiting(row))
          .thenComparing(row -> -idle(row));

  private LiveRow() {}

  static Map<String, Object> of(Map<?, ?> facts, String target, LiveRates rates) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("target", target);
    facts.forEach((key, value) -> row.put(String.valueOf(key), value));
    row.put("id", (long) LiveSums.number(facts.get("id")));
    double[] perSecond =
        rates.of(
            target
                + '\n'
                + facts.get("gauge")
                + '\n'
                + row.get("id")
                + '\n'
                + facts.get("span_id")
                + facts.get("side"),
            LiveSums.number(facts.get("msg_received")),
            LiveSums.number(facts.get("msg_sent")));
    row.put("in_per_second", perSecond == null ? null : perSecond[0]);
    row.put("out_per_second", perSecond == null ? null : perSecond[1]);
    return row;
  }

  private static double idle(Map<String, Object> row) {
    return LiveSums.number(row.get("idle_seconds"));
  }

  private static double waiting(Map<String, Object> row) {
    double sum = 0;
    for (Object depth : LiveSums.map(row.get("depth")).values()) {
      sum += LiveSums.number(depth);
    }
    return sum;
  }
}
