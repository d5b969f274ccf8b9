package io.streamgauge.console.trace;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import zipkin2.Span;
import zipkin2.storage.InMemoryStorage;

/**
 * Received spans in memory, the oldest traces giving way at the ceiling, and how many came since
 * the start. Safe for any thread.
 */
public final class TraceStore {

  /** Spans kept; about 1 KB each. */
  public static final int DEFAULT_MAX_SPANS = 100_000;

  private static final int MAX_TRACE_IDS = 1_000_000;

  private final InMemoryStorage storage;
  private final LongAdder spans = new LongAdder();
  private final Set<String> traceIds = ConcurrentHashMap.newKeySet();

  public TraceStore(int maxSpans) {
    storage = InMemoryStorage.newBuilder().maxSpanCount(maxSpans).build();
  }

  void accept(List<Span> received) throws IOException {
    storage.accept(received).execute();
    for (Span span : received) {
      spans.increment();
      if (traceIds.size() < MAX_TRACE_IDS) {
        traceIds.add(span.traceId());
      }
    }
  }

  InMemoryStorage storage() {
    return storage;
  }

  /** Spans received since the start, evicted ones included. */
  public long spans() {
    return spans.sum();
  }

  /** Distinct traces seen since the start; stops counting at a million. */
  public int traces() {
    return traceIds.size();
  }
}
