package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.LaneEvent;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of the gray tags of one series. Written at most a few times a call. */
final class LaneEventCounts {

  /** Stands for a series that found no room, so that it is counted once. */
  private static final LongAdder REFUSED = new LongAdder();

  private final SeriesCeiling ceiling;
  private final Map<LaneEvent, Map<String, LongAdder>> counts = new ConcurrentHashMap<>();

  LaneEventCounts(SeriesCeiling ceiling) {
    this.ceiling = ceiling;
  }

  void count(LaneEvent event, String detail) {
    Map<String, LongAdder> byDetail = counts.get(event);
    if (byDetail == null) {
      byDetail = counts.computeIfAbsent(event, kind -> new ConcurrentHashMap<>());
    }
    LongAdder count = byDetail.get(detail);
    if (count == null) {
      count = admit(event, detail, byDetail);
    }
    if (count != REFUSED) {
      count.increment();
    }
  }

  private LongAdder admit(LaneEvent event, String detail, Map<String, LongAdder> byDetail) {
    return byDetail.computeIfAbsent(
        detail, key -> ceiling.admit(metric(event), 1) ? new LongAdder() : REFUSED);
  }

  private static MetricCatalog metric(LaneEvent event) {
    switch (event) {
      case RESOLVED:
        return MetricCatalog.GRAY_RESOLVED;
      case REJECTED:
        return MetricCatalog.GRAY_REJECTED;
      case ROUTED:
        return MetricCatalog.GRAY_ATTEMPTS;
      default:
        return MetricCatalog.GRAY_LOST;
    }
  }

  void write(SeriesLabels labels, SnapshotBuilder out) {
    new TreeMap<>(counts)
        .forEach(
            (event, byDetail) ->
                new TreeMap<>(byDetail)
                    .forEach(
                        (detail, count) -> {
                          if (count != REFUSED) {
                            out.add(metric(event), labels.with(detail), count);
                          }
                        }));
  }
}
