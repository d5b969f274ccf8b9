package io.streamgauge.ordersync.rig;

import java.io.IOException;

/** One scrape of a process, summed over the series a filter keeps. */
public final class Scrape {

  private final String text;

  private Scrape(String text) {
    this.text = text;
  }

  /** One that may be missed; see {@link Pages#get(int, String)}. */
  public static Scrape of(int port) throws IOException, InterruptedException {
    return new Scrape(Pages.get(port, "/metrics"));
  }

  /** One on which a result depends; see {@link Pages#getPatiently}. */
  public static Scrape patiently(int port) throws IOException, InterruptedException {
    return new Scrape(Pages.getPatiently(port, "/metrics"));
  }

  /** The sum of all samples of a metric whose line contains all the given words. */
  public double sum(String metric, String... words) {
    double sum = 0;
    for (String line : text.split("\n")) {
      boolean named = line.startsWith(metric + "{") || line.startsWith(metric + " ");
      if (named && containsAll(line, words)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  private static boolean containsAll(String line, String[] words) {
    for (String word : words) {
      if (!line.contains(word)) {
        return false;
      }
    }
    return true;
  }
}
