package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.StreamRecorder;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The latest exemplar of each bucket. Any thread that counts a value writes it; of two at once one
 * stays.
 */
final class Exemplars {

  private final AtomicReferenceArray<TraceExemplar> latest;

  Exemplars(int buckets) {
    latest = new AtomicReferenceArray<>(buckets);
  }

  /**
   * The stream is an example of what is in that bucket.
   *
   * @param nowNanos by the clock of the streams; needed only if the stream's trace is recorded
   */
  void add(int bucket, double value, StreamRecorder stream, long nowNanos) {
    if (!stream.sampled()) {
      return;
    }
    TraceExemplar known = latest.get(bucket);
    // One of a moment ago, or a stream's own of seconds ago, shows as much and is no garbage.
    if (known == null || !known.isFresh(stream, nowNanos)) {
      TraceExemplar exemplar = TraceExemplar.of(value, stream);
      if (exemplar != null) {
        latest.lazySet(bucket, exemplar);
      }
    }
  }

  /** Null if there is none. */
  TraceExemplar get(int bucket) {
    return latest.get(bucket);
  }
}
