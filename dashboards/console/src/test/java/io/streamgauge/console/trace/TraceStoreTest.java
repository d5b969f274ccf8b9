package io.streamgauge.console.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import zipkin2.Endpoint;
import zipkin2.Span;
import zipkin2.storage.QueryRequest;

class TraceStoreTest {

  private static final long START = 1_700_000_000_000_000L;

  private static Span.Builder span(long number, String service) {
    return Span.newBuilder()
        .traceId(String.format("%032x", number + 1))
        .id(String.format("%016x", number + 1))
        .name("get")
        .timestamp(START + number * 1_000)
        .duration(1)
        .localEndpoint(Endpoint.newBuilder().serviceName(service).build());
  }

  private static List<List<Span>> all(TraceStore store) throws IOException {
    QueryRequest query =
        QueryRequest.newBuilder()
            .endTs(START / 1_000 + 1_000_000_000)
            .lookback(2_000_000_000)
            .limit(1_000_000)
            .build();
    return store.storage().spanStore().getTraces(query).execute();
  }

  private static long bytes(TraceStore store) throws IOException {
    long bytes = 0;
    for (List<Span> trace : all(store)) {
      bytes += TraceWeight.of(trace);
    }
    return bytes;
  }

  @Test
  void theOldestGiveWayAtTheCeilingOfBytes() throws Exception {
    TraceStore store = new TraceStore(100_000, 2_000_000);
    String large = "x".repeat(10_000);
    for (int i = 0; i < 1_000; i++) {
      store.accept(List.of(span(i, "shop").putTag("large", large).build()));
      assertThat(bytes(store)).isLessThanOrEqualTo(2_000_000);
    }
    assertThat(store.spans()).isEqualTo(1_000);
    List<List<Span>> kept = all(store);
    assertThat(kept).hasSizeBetween(40, 95);
    // The newest, and those before it.
    for (int i = 0; i < kept.size(); i++) {
      assertThat(kept.get(i).get(0).id()).isEqualTo(String.format("%016x", 1_000 - i));
    }
  }

  /** Of one service, whose names zipkin's storage would keep for as long as it has a span. */
  @Test
  void namesThatNeverComeAgainAreForgotten() throws Exception {
    TraceStore store = new TraceStore(100, 2_000_000);
    for (int i = 0; i < 20_000; i++) {
      store.accept(List.of(span(i, "shop").name("get /order/" + i).build()));
    }
    assertThat(store.storage().serviceAndSpanNames().getSpanNames("shop").execute().size())
        .isLessThan(2_000);
  }

  @Test
  void servicesBeyondThoseToldApartHaveOneNameAndSayTheirs() throws Exception {
    TraceStore store = new TraceStore(100_000, 1L << 40);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      spans.add(span(i, "service-" + i).build());
    }
    store.accept(spans);
    store.accept(List.of(span(2_000, "service-3").build(), span(2_001, "service-x").build()));
    List<String> names = store.storage().serviceAndSpanNames().getServiceNames().execute();
    assertThat(names).hasSize(TraceLimits.MAX_SERVICES + 1).contains("_other", "service-3");
    assertThat(store.folded()).isEqualTo(501);
    List<Span> last = store.storage().traces().getTrace(String.format("%032x", 2_002)).execute();
    assertThat(last.get(0).tags()).containsEntry("service.name", "service-x");
  }

  @Test
  void aBatchLargerThanTheStoreLeavesItsLastSpans() throws Exception {
    TraceStore store = new TraceStore(100, 1L << 40);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 1_050; i++) {
      spans.add(span(i, "shop").build());
    }
    store.accept(spans);
    assertThat(all(store)).hasSize(100);
    assertThat(store.spans()).isEqualTo(1_050);
  }

  @Test
  void tracesAreCountedUpToALimit() throws Exception {
    TraceStore store = new TraceStore(10, 1L << 40);
    for (int i = 0; i < 300_000; i += 1_000) {
      List<Span> spans = new ArrayList<>();
      for (int j = i; j < i + 1_000; j++) {
        spans.add(span(j, "shop").build());
      }
      store.accept(spans);
    }
    assertThat(store.traces()).isEqualTo(100_000);
    assertThat(store.spans()).isEqualTo(300_000);
  }
}
