package io.streamgauge.internal.metrics;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Upper bounds by which the durations of calls are counted. Ours reach from a millisecond to a day;
 * those of the RPC semantic conventions differ. Counted by the bounds of both, a value is counted
 * once, and either histogram follows.
 */
public final class CallBounds {

  /** What the RPC semantic conventions 1.45.0 advise for the duration of a call, seconds. */
  private static final double[] RPC_SECONDS = {
    .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10
  };

  private static final double[] LIFE_SECONDS = MetricCatalog.SERVER_HANDLING.buckets();

  private static final double[] BOTH_SECONDS =
      DoubleStream.concat(Arrays.stream(LIFE_SECONDS), Arrays.stream(RPC_SECONDS))
          .sorted()
          .distinct()
          .toArray();

  private static final long[] BOTH_NANOS =
      Arrays.stream(BOTH_SECONDS).mapToLong(bound -> Math.round(bound * 1e9)).toArray();

  /** The bucket of {@link #LIFE_SECONDS} that holds what is in one of both. */
  private static final int[] LIFE_OF_BOTH = bucketsOf(LIFE_SECONDS);

  private static final int[] RPC_OF_BOTH = bucketsOf(RPC_SECONDS);

  private CallBounds() {}

  private static int[] bucketsOf(double[] bounds) {
    int[] buckets = new int[BOTH_SECONDS.length + 1];
    for (int i = 0; i < BOTH_SECONDS.length; i++) {
      buckets[i] = bucket(bounds, BOTH_SECONDS[i]);
    }
    buckets[BOTH_SECONDS.length] = bounds.length;
    return buckets;
  }

  /** Of {@code rpc.*.call.duration}, seconds. */
  public static double[] rpc() {
    return RPC_SECONDS.clone();
  }

  /** How many buckets the bounds of both make. */
  static int count() {
    return BOTH_NANOS.length + 1;
  }

  /** The bucket of both that a duration falls into. */
  static int bucket(long nanos) {
    int bucket = 0;
    while (bucket < BOTH_NANOS.length && nanos > BOTH_NANOS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** The first bucket whose bound is not below the value. */
  public static int bucket(double[] bounds, double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** The bucket of our own histogram for one of both. */
  static int life(int bucket) {
    return LIFE_OF_BOTH[bucket];
  }

  /** The bucket of the conventions' histogram for one of both. */
  static int rpc(int bucket) {
    return RPC_OF_BOTH[bucket];
  }
}
