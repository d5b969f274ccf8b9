package io.streamgauge.console.live;

import java.util.HashMap;
import java.util.Map;

/**
 * Messages per second of one source, from sums that never fall: what is new since its last page,
 * over the time between the two. Not for several threads.
 */
final class LiveRates {

  private static final class Known {
    final double[] sums;

    /** Null at the first look. */
    final double[] rates;

    Known(double[] sums, double[] rates) {
      this.sums = sums;
      this.rates = rates;
    }
  }

  private Map<String, Known> last = new HashMap<>();
  private Map<String, Known> now = new HashMap<>();
  private double seconds;
  private long at;
  private boolean same;

  /**
   * A look at a page begins.
   *
   * @param nanos when the page was made; the same page again has the same rates
   */
  void begin(long nanos) {
    same = at == nanos;
    if (same) {
      return;
    }
    seconds = at == 0 ? 0 : (nanos - at) / 1e9;
    at = nanos;
    last = now;
    now = new HashMap<>(2 * last.size());
  }

  /** New per second since the last page, for each of the sums; null at the first. */
  double[] of(String key, double... sums) {
    Known known = same ? now.get(key) : null;
    if (known == null) {
      known = new Known(sums, rates(last.get(key), sums));
      now.put(key, known);
    }
    return known.rates;
  }

  private double[] rates(Known before, double[] sums) {
    if (before == null || seconds <= 0) {
      return null;
    }
    double[] rates = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      // A process that was started anew begins at zero again.
      rates[i] = Math.max(0, sums[i] - before.sums[i]) / seconds;
    }
    return rates;
  }
}
