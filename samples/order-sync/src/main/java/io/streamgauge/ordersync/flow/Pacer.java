package io.streamgauge.ordersync.flow;

/**
 * A sender's token bucket whose rate follows what the other side can take: cut by a third while the
 * transport is not ready or acks are late, and raised by a twentieth of the wanted rate otherwise
 * (additive increase, multiplicative decrease). Not for several threads.
 */
public final class Pacer {

  private static final double CUT = 2.0 / 3;
  private static final double STEP = 1.0 / 20;

  /** Share of the wanted rate that is always tried, so that a recovery is noticed. */
  private static final double FLOOR = 1.0 / 20;

  private final double burst;
  private final double lateMillis;
  private double factor = 1;
  private double tokens;
  private double latencyMillis;

  /**
   * Starts at the wanted rate.
   *
   * @param burst most tokens an idle sender may save up
   * @param lateMillis smoothed ack latency above which the sender slows down
   */
  public Pacer(double burst, double lateMillis) {
    this.burst = burst;
    this.lateMillis = lateMillis;
  }

  /** An answer came, that long after its message was sent. */
  public void answered(double millis) {
    latencyMillis += (millis - latencyMillis) / 16;
  }

  /**
   * Some time has passed in which the sender wanted to send so many.
   *
   * @param ready whether the transport took what there was
   */
  public void tick(double wanted, boolean ready) {
    if (!ready || latencyMillis > lateMillis) {
      factor = Math.max(FLOOR, factor * CUT);
    } else {
      factor = Math.min(1, factor + STEP);
    }
    tokens = Math.min(burst, tokens + wanted * factor);
  }

  public boolean tryAcquire() {
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }

  /** Share of the wanted rate that is let through now, above 0 and at most 1. */
  public double factor() {
    return factor;
  }
}
