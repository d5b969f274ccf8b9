package io.streamgauge.benchmarks.worker;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * Makes one call over Netty and says what CPU time the process has taken so far, in seconds, then
 * how many messages per second a warm server stream carries. Knows nothing of who watches: an agent
 * is attached from outside.
 */
public final class FirstCall {

  private static final int WARM_UP = 600_000;
  private static final int MEASURED = 400_000;

  private FirstCall() {}

  /** Ends by itself. */
  public static void main(String[] args) throws IOException, InterruptedException {
    double cpuSeconds;
    try (Scenario unary = Scenario.open("S4", Subject.BARE)) {
      unary.run(1);
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      cpuSeconds = system.getProcessCpuTime() / 1e9;
    }
    try (Scenario stream = Scenario.open("S3", Subject.BARE)) {
      stream.run(WARM_UP);
      long began = System.nanoTime();
      stream.run(MEASURED);
      double seconds = (System.nanoTime() - began) / (double) TimeUnit.SECONDS.toNanos(1);
      System.out.printf("%.3f %.0f%n", cpuSeconds, MEASURED / seconds);
    }
    System.exit(0);
  }
}
