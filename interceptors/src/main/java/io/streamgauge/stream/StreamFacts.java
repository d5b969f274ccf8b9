package io.streamgauge.stream;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Open streams as plain data of the JDK, for whoever writes them down or carries them to another
 * class loader: maps, lists, strings, numbers and booleans. The keys are those of {@code
 * /api/streams}.
 */
public final class StreamFacts {

  /** Most streams on a page. */
  public static final int MAX_ROWS = 200;

  private StreamFacts() {}

  /** How many are open, how many are shown, and those, oldest first. */
  public static Map<String, Object> page(List<StreamView> streams) {
    List<StreamView> oldestFirst = new ArrayList<>(streams);
    oldestFirst.sort(Comparator.comparingLong(StreamView::ageNanos).reversed());
    List<Map<String, Object>> rows = new ArrayList<>();
    for (StreamView stream : oldestFirst.subList(0, Math.min(streams.size(), MAX_ROWS))) {
      rows.add(of(stream));
    }
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("open", streams.size());
    page.put("shown", rows.size());
    page.put("streams", rows);
    return page;
  }

  /** One stream; what is null has no value, a depth that cannot be known has no key. */
  public static Map<String, Object> of(StreamView stream) {
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

  private static Map<String, Object> depths(StreamView stream) {
    Map<String, Object> depths = new LinkedHashMap<>();
    put(depths, "connect", stream.connectDepth());
    put(depths, "executor", stream.executorDepth());
    put(depths, "handler", stream.handlerDepth());
    put(depths, "application", stream.applicationDepth());
    return depths;
  }

  private static Map<String, Object> bytes(StreamView stream) {
    Map<String, Object> bytes = new LinkedHashMap<>();
    put(bytes, "transport", stream.transportBytes());
    put(bytes, "deframer", stream.deframerBytes());
    put(bytes, "retry", stream.retryBytes());
    return bytes;
  }

  private static void put(Map<String, Object> facts, String key, long value) {
    if (value != StreamView.UNKNOWN) {
      facts.put(key, value);
    }
  }
}
