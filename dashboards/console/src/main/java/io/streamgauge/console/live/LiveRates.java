package io.streamgauge.console.live;

import java.util.HashMap;
import java.util.Map;

/**
 * Messages per second, from sums that never fall: what is new since the last look, over the time
 * since. Not for several threads.
 */
final class LiveRates {

  private Map<String, double[]> last = new HashMap<>();
  private Map<String, double[]> now = new HashMap<>();
  private double seconds;
  private long at;

  /** A new look at everything begins. */
  void begin(long nanos) {
    seconds = at == 0 ? 0 : (nanos - at) / 1e9;
    at = nanos;
    last = now;
    now = new HashMap<>(2 * last.size());
  }

  /** New per second since the last look, for each of the sums; null at the first. */
  double[] of(String key, double... sums) {
    now.put(key, sums);
    double[] before = last.get(key);
    if (before == null || seconds <= 0) {
      return null;
    }
    double[] rates = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      // A process that was started anew begins at zero again.
      rates[i] = Math.max(0, sums[i] - before[i]) / seconds;
    }
    return rates;
  }
}
