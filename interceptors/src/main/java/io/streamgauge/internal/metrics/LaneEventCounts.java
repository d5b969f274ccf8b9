package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.LaneEvent;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of the gray tags of one series. Written at most a few times a call. */
final class LaneEventCounts {

  /** Stands for a series that found no room, so that it is counted once. */
  private static final LongAdder REFUSED = new LongAdder();

  private final SeriesCeiling ceiling;

  /**
   * The counts, last made first; there are few. Written under this object's monitor; a thread that
   * counts reads it without.
   */
  private volatile Count first;

  LaneEventCounts(SeriesCeiling ceiling) {
    this.ceiling = ceiling;
  }

  /** Of one event and detail. */
  private static final class Count {
    final LaneEvent event;
    final String detail;
    final LongAdder adder;
    final Count next;

    Count(LaneEvent event, String detail, LongAdder adder, Count next) {
      this.event = event;
      this.detail = detail;
      this.adder = adder;
      this.next = next;
    }
  }

  void count(LaneEvent event, String detail) {
    LongAdder known = find(event, detail);
    LongAdder adder = known == null ? admit(event, detail) : known;
    if (adder != REFUSED) {
      adder.increment();
    }
  }

  private LongAdder find(LaneEvent event, String detail) {
    for (Count each = first; each != null; each = each.next) {
      if (each.event == event && each.detail.equals(detail)) {
        return each.adder;
      }
    }
    return null;
  }

  private synchronized LongAdder admit(LaneEvent event, String detail) {
    LongAdder raced = find(event, detail);
    if (raced != null) {
      return raced;
    }
    LongAdder made = ceiling.admit(metric(event), 1) ? new LongAdder() : REFUSED;
    first = new Count(event, detail, made, first);
    return made;
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
    Map<LaneEvent, Map<String, LongAdder>> counts = new EnumMap<>(LaneEvent.class);
    for (Count each = first; each != null; each = each.next) {
      if (each.adder != REFUSED) {
        counts.computeIfAbsent(each.event, event -> new TreeMap<>()).put(each.detail, each.adder);
      }
    }
    counts.forEach(
        (event, byDetail) ->
            byDetail.forEach(
                (detail, count) -> out.add(metric(event), labels.with(detail), count)));
  }
}
