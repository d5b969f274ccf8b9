package io.streamgauge.console.trace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import zipkin2.Endpoint;
import zipkin2.Span;
import zipkin2.storage.InMemoryStorage;

/**
 * Received spans in memory, the oldest traces giving way at either ceiling, of spans and of bytes,
 * and how many came since the start. Safe for any thread.
 */
public final class TraceStore {

  /** Spans kept; about 1 KB each. */
  public static final int DEFAULT_MAX_SPANS = 100_000;

  /** Traces counted, at 64 bytes each. */
  private static final int MAX_TRACE_IDS = 100_000;

  /** The service of spans beyond {@link TraceLimits#MAX_SERVICES}; the tag has its name. */
  private static final String OTHER = "_other";

  private final int maxSpans;
  private final long maxBytes;
  private final LongAdder spans = new LongAdder();
  private final LongAdder folded = new LongAdder();
  private final Set<Long> traceIds = ConcurrentHashMap.newKeySet();
  private volatile InMemoryStorage storage;

  /** What the storage took since it was made, given up since or not. Guarded by this. */
  private long bytes;

  /** At most a quarter of the heap. */
  public TraceStore(int maxSpans) {
    this(maxSpans, TraceLimits.ofHeap(4, Long.MAX_VALUE));
  }

  TraceStore(int maxSpans, long maxBytes) {
    this.maxSpans = maxSpans;
    this.maxBytes = maxBytes;
    storage = storage(maxSpans);
  }

  private static InMemoryStorage storage(int maxSpans) {
    return InMemoryStorage.newBuilder().maxSpanCount(maxSpans).build();
  }

  void accept(List<Span> received) throws IOException {
    synchronized (this) {
      List<Span> named = fold(received);
      // The storage cannot take more at once than it keeps.
      for (int from = 0; from < named.size(); from += maxSpans) {
        put(named.subList(from, Math.min(named.size(), from + maxSpans)));
      }
    }
    for (Span span : received) {
      spans.increment();
      if (traceIds.size() < MAX_TRACE_IDS) {
        traceIds.add(lowBits(span.traceId()));
      }
    }
  }

  private static long lowBits(String traceId) {
    return Long.parseUnsignedLong(traceId.substring(Math.max(0, traceId.length() - 16)), 16);
  }

  private void put(List<Span> part) throws IOException {
    long more = TraceWeight.of(part);
    if (bytes + more > maxBytes) {
      shrink();
    }
    storage.accept(part).execute();
    bytes += more;
  }

  /**
   * Puts the newest traces, up to half of the bytes, into a new storage: that of zipkin counts
   * spans and not bytes, and it keeps the names of all spans for as long as their service has one.
   */
  private void shrink() throws IOException {
    List<List<Span>> traces = new ArrayList<>(storage.getTraces());
    traces.sort(Comparator.comparingLong(TraceStore::newest).reversed());
    InMemoryStorage next = storage(maxSpans);
    bytes = 0;
    for (List<Span> trace : traces) {
      long more = TraceWeight.of(trace);
      // A trace too large for what is left goes, and makes way for others.
      if (bytes + more <= maxBytes / 2) {
        next.accept(trace).execute();
        bytes += more;
      }
    }
    storage = next;
  }

  private static long newest(List<Span> trace) {
    long newest = 0;
    for (Span span : trace) {
      newest = Math.max(newest, span.timestampAsLong());
    }
    return newest;
  }

  /** Names beyond those that may be told apart become one. */
  private List<Span> fold(List<Span> received) throws IOException {
    Set<String> known = new HashSet<>(storage.getServiceNames().execute());
    List<Span> named = new ArrayList<>(received.size());
    for (Span span : received) {
      String service = span.localServiceName();
      if (service == null
          || known.contains(service)
          || (known.size() < TraceLimits.MAX_SERVICES && known.add(service))) {
        named.add(span);
      } else {
        folded.increment();
        named.add(
            span.toBuilder()
                .localEndpoint(Endpoint.newBuilder().serviceName(OTHER).build())
                .putTag("service.name", service)
                .build());
      }
    }
    return named;
  }

  InMemoryStorage storage() {
    return storage;
  }

  /** Spans received since the start, evicted ones included. */
  public long spans() {
    return spans.sum();
  }

  /** Of these, spans whose service is told by a tag, since there were too many services. */
  public long folded() {
    return folded.sum();
  }

  /** Distinct traces seen since the start; stops counting at 100,000. */
  public int traces() {
    return traceIds.size();
  }
}
