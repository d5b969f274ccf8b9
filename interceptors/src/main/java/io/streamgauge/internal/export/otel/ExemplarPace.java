package io.streamgauge.internal.export.otel;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.metrics.CallBounds;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often a value of one histogram series is an exemplar: once a second for each bucket. The SDK
 * makes one of each value that is recorded under a sampled span, with a clock reading, and keeps
 * the last of a bucket; a viewer shows points, and cannot show one per call. The other values are
 * recorded under the same baggage without the span.
 */
final class ExemplarPace {

  private static final long RENEWED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final double[] bounds;

  /**
   * When each bucket had its last exemplar; 0 before the first. Any thread that ends a call writes
   * it. Two that do so at once may both make an exemplar.
   */
  private final AtomicLongArray latest;

  /** Any thread replaces it; what it points to never changes. */
  private volatile Bare bare = new Bare(Baggage.empty());

  ExemplarPace(double[] bounds) {
    this.bounds = bounds.clone();
    this.latest = new AtomicLongArray(bounds.length + 1);
  }

  /**
   * The context to record a value under.
   *
   * @param own the context with the span that the value belongs to
   */
  @CallPath(recorded = true)
  Context pick(Context own, double value, long nowNanos) {
    int bucket = CallBounds.bucket(bounds, value);
    long before = latest.get(bucket);
    if (before == 0 || nowNanos - before >= RENEWED_NANOS) {
      latest.lazySet(bucket, nowNanos == 0 ? 1 : nowNanos);
      return own;
    }
    Baggage baggage = Baggage.fromContext(own);
    Bare known = bare;
    if (known.baggage != baggage) {
      known = new Bare(baggage);
      bare = known;
    }
    return known.context;
  }

  /** A context with that baggage alone; that of calls with the same tag is the same object. */
  private static final class Bare {
    final Baggage baggage;
    final Context context;

    Bare(Baggage baggage) {
      this.baggage = baggage;
      this.context = baggage.isEmpty() ? Context.root() : Context.root().with(baggage);
    }
  }
}
