package io.streamgauge.ordersync.load;

import com.google.gson.GsonBuilder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What came of a load.
 *
 * @param offered updates that were due while it was measured
 * @param acked updates answered for good in that time
 * @param again answers that asked to send again
 * @param behind updates due and unanswered at the end
 * @param broken streams that ended before their time
 * @param seconds that were measured
 * @param latencies since each update was due, in microseconds
 */
public record LoadResult(
    long offered,
    long acked,
    long again,
    long behind,
    long broken,
    double seconds,
    Histogram latencies) {

  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

  public double perSecond() {
    return acked / seconds;
  }

  /** Milliseconds below which that share of the latencies lies. */
  public double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e3;
  }

  /** Columns of numbers under their names. */
  public String table() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%10s %10s %10s %8s %8s %10s",
            "offered",
            "acked",
            "msg/s",
            "again",
            "behind",
            "mean ms"));
    for (double each : PERCENTILES) {
      text.append(String.format(Locale.ROOT, " %9s", "p" + trim(each) + " ms"));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%n%10d %10d %10.0f %8d %8d %10.2f",
            offered,
            acked,
            perSecond(),
            again,
            behind,
            latencies.getMean() / 1e3));
    for (double each : PERCENTILES) {
      text.append(String.format(Locale.ROOT, " %9.2f", millis(each)));
    }
    return text.toString();
  }

  public String json() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("offered", offered);
    values.put("acked", acked);
    values.put("msg_per_s", perSecond());
    values.put("again", again);
    values.put("behind", behind);
    values.put("broken", broken);
    values.put("seconds", seconds);
    Map<String, Double> latency = new LinkedHashMap<>();
    for (double each : PERCENTILES) {
      latency.put("p" + trim(each), millis(each));
    }
    values.put("ack_latency_ms", latency);
    return new GsonBuilder().setPrettyPrinting().create().toJson(values);
  }

  private static String trim(double percentile) {
    return percentile == (long) percentile
        ? Long.toString((long) percentile)
        : Double.toString(percentile);
  }
}
