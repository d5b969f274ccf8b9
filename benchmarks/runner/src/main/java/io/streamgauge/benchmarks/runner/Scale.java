package io.streamgauge.benchmarks.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** What many open streams cost: heap, scrape, watch, console; and how each grows. */
final class Scale {

  /**
   * Figures of one size.
   *
   * @param streams open, half of them a client's and half a server's, on 50 methods
   * @param bytes heap per stream above the same streams without us, gRPC's own extra objects
   *     included
   * @param ownBytes of those, bytes of objects of our own classes
   * @param scrapeMillis median time to write all metrics as text
   * @param watchMillis CPU of the watch per second, which is its tick
   * @param consoleMillis CPU of the console's sampler per second
   */
  record Row(
      int streams,
      double bytes,
      double ownBytes,
      double scrapeMillis,
      double watchMillis,
      double consoleMillis) {}

  private static final List<String> HEAP = List.of("-XX:+UseParallelGC", "-Xms3g", "-Xmx3g");

  private static final int LIMIT_SECONDS = 300;

  private final Path benchmarks;
  private final List<Integer> sizes;
  private final Consumer<String> progress;

  Scale(Path benchmarks, List<Integer> sizes, Consumer<String> progress) {
    this.benchmarks = benchmarks;
    this.sizes = sizes;
    this.progress = progress;
  }

  List<Row> run() throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (int size : sizes) {
      double[] bare = start("bare", size);
      double[] ours = start("ours-numbers", size);
      rows.add(new Row(size, ours[1] - bare[1], ours[2], ours[3], ours[4], ours[5]));
      progress.accept(String.format(Locale.ROOT, "scale: %,d streams", size));
    }
    return rows;
  }

  private double[] start(String config, int streams) throws IOException, InterruptedException {
    return BenchJvm.numbers(
        BenchJvm.command(
            benchmarks.resolve("subjects/ours"),
            HEAP,
            "io.streamgauge.benchmarks.ours.ScaleMain",
            config,
            Integer.toString(streams)),
        LIMIT_SECONDS);
  }
}
