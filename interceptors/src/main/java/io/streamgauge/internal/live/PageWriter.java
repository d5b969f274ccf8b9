package io.streamgauge.internal.live;

import io.streamgauge.StreamSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Open streams as plain data of the JDK, for viewers, which may live in another class loader: maps,
 * lists, strings, numbers and booleans. The keys are those of {@code /api/streams}.
 */
public final class PageWriter {

  /** Most streams on a page. */
  public static final int MAX_ROWS = 200;

  private static final Comparator<StreamSnapshot> WORST_FIRST =
      Comparator.comparing((StreamSnapshot stream) -> stream.cause() == null)
          .thenComparing(stream -> stream.cause() == null ? 0 : -stream.idleNanos())
          .thenComparing(stream -> !stream.notReady())
          .thenComparing(stream -> -PageSums.waiting(stream))
          .thenComparing(stream -> -stream.idleNanos());

  private PageWriter() {}

  /**
   * What is open and what it comes to: {@code open}, {@code shown}, {@code totals} and {@code
   * lanes} over all streams, and as {@code streams} those that a filter lets pass, worst first:
   * stalled ones by the time they have stood still, then by what waits in them.
   */
  public static Map<String, Object> page(LiveLook look, Predicate<StreamSnapshot> filter) {
    List<StreamSnapshot> worstFirst = new ArrayList<>(look.streams());
    worstFirst.removeIf(filter.negate());
    worstFirst.sort(WORST_FIRST);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (StreamSnapshot stream : worstFirst.subList(0, Math.min(worstFirst.size(), MAX_ROWS))) {
      rows.add(of(stream));
    }
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("open", look.streams().size());
    page.put("matching", worstFirst.size());
    page.put("shown", rows.size());
    PageSums all = new PageSums();
    Map<String, PageSums> lanes = new TreeMap<>();
    look.closed()
        .forEach(
            (lane, sums) -> {
              all.add(sums);
              lanes.computeIfAbsent(lane, unseen -> new PageSums()).add(sums);
            });
    for (StreamSnapshot stream : look.streams()) {
      all.add(stream);
      lanes.computeIfAbsent(look.lane(stream), unseen -> new PageSums()).add(stream);
    }
    page.put("totals", all.facts());
    Map<String, Object> byLane = new LinkedHashMap<>();
    lanes.forEach((name, sums) -> byLane.put(name, sums.facts()));
    page.put("lanes", byLane);
    page.put("streams", rows);
    return page;
  }

  /** One stream; what is null has no value, a depth that cannot be known has no key. */
  public static Map<String, Object> of(StreamSnapshot stream) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", stream.id());
    facts.put("side", stream.side().label());
    facts.put("grpc_type", stream.method().type().label());
    facts.put("grpc_service", stream.method().service());
    facts.put("grpc_method", stream.method().method());
    facts.put("gray_tag", stream.lane());
    facts.put("age_seconds", stream.ageNanos() / 1e9);
    facts.put("msg_sent", stream.sent());
    facts.put("msg_received", stream.received());
    facts.put("depth", depths(stream));
    facts.put("bytes", bytes(stream));
    facts.put("idle_seconds", stream.idleNanos() / 1e9);
    facts.put("demand", stream.demand());
    facts.put("not_ready", stream.notReady());
    facts.put("blocked_seconds", stream.blockedNanos() / 1e9);
    facts.put("cause", stream.cause() == null ? null : stream.cause().label());
    facts.put("trace_id", stream.traceId());
    facts.put("span_id", stream.spanId());
    facts.put("sampled", stream.sampled());
    return facts;
  }

  private static Map<String, Object> depths(StreamSnapshot stream) {
    Map<String, Object> depths = new LinkedHashMap<>();
    put(depths, "connect", stream.connectDepth());
    put(depths, "stream_limit", stream.limitDepth());
    put(depths, "executor", stream.executorDepth());
    put(depths, "handler", stream.handlerDepth());
    put(depths, "application", stream.applicationDepth());
    return depths;
  }

  private static Map<String, Object> bytes(StreamSnapshot stream) {
    Map<String, Object> bytes = new LinkedHashMap<>();
    put(bytes, "transport", stream.transportBytes());
    put(bytes, "deframer", stream.deframerBytes());
    put(bytes, "retry", stream.retryBytes());
    return bytes;
  }

  private static void put(Map<String, Object> facts, String key, long value) {
    if (value != StreamSnapshot.UNKNOWN) {
      facts.put(key, value);
    }
  }
}
