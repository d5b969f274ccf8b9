package io.streamgauge.benchmarks.worker;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * CPU time and allocation of all Java threads together: event loops and exporters are in, garbage
 * collector and compiler are not.
 */
final class Meters {

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  long cpuNanos;
  long bytes;

  void read() {
    long[] ids = threads.getAllThreadIds();
    cpuNanos = sum(threads.getThreadCpuTime(ids));
    bytes = sum(threads.getThreadAllocatedBytes(ids));
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += Math.max(0, value); // -1 for a thread that has just ended
    }
    return sum;
  }
}
