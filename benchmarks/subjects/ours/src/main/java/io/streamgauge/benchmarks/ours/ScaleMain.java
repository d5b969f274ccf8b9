package io.streamgauge.benchmarks.ours;

import com.sun.management.ThreadMXBean;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.benchmarks.worker.ManyStreams;
import io.streamgauge.benchmarks.worker.Subject;
import io.streamgauge.console.Console;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * {@code ScaleMain CONFIG STREAMS [writers]}: opens half as many calls, each a stream on either
 * side, and says what heap they take, and how long scrape, watch and console take with them; and if
 * asked, what a writer feels of being scraped without pause.
 */
public final class ScaleMain {

  private static final int METHODS = 50;
  private static final int SCRAPES = 9;
  private static final int WATCHED_SECONDS = 5;
  private static final int WRITE_SECONDS = 3;

  private ScaleMain() {}

  /** Ends by itself. */
  public static void main(String[] args) throws Exception {
    String config = args[0];
    int streams = Integer.parseInt(args[1]);
    CollectorRegistry registry = new CollectorRegistry();
    OursProvider.Opened opened =
        config.equals("bare") ? null : OursProvider.open(config, registry).orElseThrow();
    Subject subject = opened == null ? Subject.BARE : opened.subject();
    try (ManyStreams many = new ManyStreams(subject, METHODS)) {
      many.open(METHODS); // what is once per method is not a stream's
      long oursBefore = ourObjects();
      long before = heap();
      many.open(streams / 2);
      TimeUnit.SECONDS.sleep(3); // the watch has seen each of them
      long bytes = heap() - before;
      long objects = ourObjects() - oursBefore;
      double scrape = 0;
      double watch = 0;
      double console = 0;
      Writer alone = new Writer(many);
      Writer scraped = new Writer(many);
      if (opened != null) {
        scrape = scrapeMillis(registry);
        if (args.length > 2) {
          alone.run(() -> TimeUnit.SECONDS.sleep(WRITE_SECONDS));
          scraped.run(() -> scrapeFor(registry));
        }
        watch = threadMillis("streamgauge-watch");
        try (Console served = Console.builder(opened.gauge()).port(0).build().start()) {
          console = served.port() > 0 ? threadMillis("streamgauge-console-sampler") : 0;
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%d %.1f %.1f %.2f %.2f %.2f %.0f %.0f %.2f %.2f%n",
          streams,
          (double) bytes / streams,
          (double) objects / streams,
          scrape,
          watch,
          console,
          alone.perSecond,
          scraped.perSecond,
          alone.longestMillis,
          scraped.longestMillis);
    }
    System.exit(0);
  }

  private static long heap() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(100);
      used = Math.min(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return used;
  }

  /** Bytes of live objects of our classes: recorders, wrappers, tracers. */
  private static long ourObjects() throws JMException {
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
        .filter(fields -> !fields[3].contains(".benchmarks."))
        .mapToLong(fields -> Long.parseLong(fields[2]))
        .sum();
  }

  /** Median of a few, text and all. */
  private static double scrapeMillis(CollectorRegistry registry) throws IOException {
    double[] millis = new double[SCRAPES];
    for (int i = 0; i < SCRAPES; i++) {
      long began = System.nanoTime();
      TextFormat.write004(java.io.Writer.nullWriter(), registry.metricFamilySamples());
      millis[i] = (System.nanoTime() - began) / 1e6;
    }
    Arrays.sort(millis);
    return millis[SCRAPES / 2];
  }

  /** CPU of the thread of that name per second. */
  private static double threadMillis(String name) throws InterruptedException {
    TimeUnit.SECONDS.sleep(2);
    long began = cpuOf(name);
    TimeUnit.SECONDS.sleep(WATCHED_SECONDS);
    return (cpuOf(name) - began) / 1e6 / WATCHED_SECONDS;
  }

  private static long cpuOf(String name) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Optional<Thread> found =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith(name))
            .findFirst();
    return threads.getThreadCpuTime(
        found.orElseThrow(() -> new IllegalStateException("no thread " + name)).getId());
  }

  private static void scrapeFor(CollectorRegistry registry) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WRITE_SECONDS);
    while (System.nanoTime() < end) {
      TextFormat.write004(java.io.Writer.nullWriter(), registry.metricFamilySamples());
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  /** Round trips on one of the streams, on a thread of its own, while something else goes on. */
  private static final class Writer {
    private final ManyStreams many;
    private volatile boolean over;
    double perSecond;
    double longestMillis;

    Writer(ManyStreams many) {
      this.many = many;
    }

    void run(Work meanwhile) throws Exception {
      Thread thread = new Thread(this::write, "writer");
      thread.start();
      meanwhile.run();
      over = true;
      thread.join();
    }

    private void write() {
      long began = System.nanoTime();
      long last = began;
      long longest = 0;
      long count = 0;
      while (!over) {
        many.roundTrip();
        count++;
        long now = System.nanoTime();
        longest = Math.max(longest, now - last);
        last = now;
      }
      perSecond = count * 1e9 / (last - began);
      longestMillis = longest / 1e6;
    }
  }
}
