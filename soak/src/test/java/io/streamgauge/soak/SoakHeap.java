package io.streamgauge.soak;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;

/** What is alive in this JVM. */
final class SoakHeap {

  /** How long a soak lasts: 2 minutes, 30 with {@code -Pfull}, or as said. */
  static final int SECONDS =
      Integer.getInteger("soak.seconds", Boolean.getBoolean("test.full") ? 1_800 : 120);

  private SoakHeap() {}

  /** Bytes after full collections, the least of several. */
  static long live() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(200); // what references clear is cleared by other threads
      used = Math.min(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return used;
  }

  /** A megabyte in ten minutes, and one in any case: a heap at rest moves by some hundred KB. */
  static long mayGrow(int seconds) {
    return Math.max(1L << 20, (1L << 20) * seconds / 600);
  }

  /** Objects of the library's own classes. */
  static long ourObjects() throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {null},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .map(line -> line.trim().split("\\s+"))
        .filter(fields -> fields.length >= 4 && fields[3].startsWith("io.streamgauge."))
        .filter(fields -> !fields[3].matches("io\\.streamgauge\\.(testkit|soak)\\..*"))
        .mapToLong(fields -> Long.parseLong(fields[1]))
        .sum();
  }
}
