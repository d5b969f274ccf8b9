package io.streamgauge.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A scrape in the Prometheus text format, asked by name and labels. */
public final class TestSeries {

  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})?\\s+(\\S+)(?:\\s.*)?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]++|\\\\.)*+)\"");

  private final List<Sample> samples = new ArrayList<>();

  private TestSeries() {}

  /** One line of the scrape. */
  public record Sample(String name, Map<String, String> labels, double value) {}

  public static TestSeries parse(String text) {
    TestSeries series = new TestSeries();
    for (String line : text.split("\n")) {
      Matcher matcher = LINE.matcher(line);
      if (line.startsWith("#") || !matcher.matches()) {
        continue;
      }
      Map<String, String> labels = new LinkedHashMap<>();
      if (matcher.group(2) != null) {
        Matcher label = LABEL.matcher(matcher.group(2));
        while (label.find()) {
          labels.put(label.group(1), label.group(2));
        }
      }
      series.samples.add(new Sample(matcher.group(1), labels, number(matcher.group(3))));
    }
    return series;
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  /** All samples of a name whose labels include the given pairs. */
  public List<Sample> find(String name, String... labelPairs) {
    List<Sample> found = new ArrayList<>();
    for (Sample sample : samples) {
      if (sample.name().equals(name) && includes(sample.labels(), labelPairs)) {
        found.add(sample);
      }
    }
    return found;
  }

  private static boolean includes(Map<String, String> labels, String[] pairs) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (!pairs[i + 1].equals(labels.get(pairs[i]))) {
        return false;
      }
    }
    return true;
  }

  /** The sum of the samples found; 0 if there are none. */
  public double sum(String name, String... labelPairs) {
    return find(name, labelPairs).stream().mapToDouble(Sample::value).sum();
  }

  /** Whether there is such a sample at all: absent is not 0. */
  public boolean has(String name, String... labelPairs) {
    return !find(name, labelPairs).isEmpty();
  }

  /**
   * What has come since an earlier scrape, for subjects that outlive a test: counters less what
   * they were, without those that have not moved; gauges as they are.
   */
  public TestSeries since(TestSeries before) {
    Map<String, Double> was = new LinkedHashMap<>();
    before.samples.forEach(sample -> was.put(sample.name() + sample.labels(), sample.value()));
    TestSeries since = new TestSeries();
    for (Sample sample : samples) {
      Double then = was.get(sample.name() + sample.labels());
      boolean counter =
          sample.name().endsWith("_total")
              || sample.name().endsWith("_count")
              || sample.name().endsWith("_sum")
              || sample.name().endsWith("_bucket");
      double value = counter && then != null ? sample.value() - then : sample.value();
      if (!counter || then == null || value != 0) {
        since.samples.add(new Sample(sample.name(), sample.labels(), value));
      }
    }
    return since;
  }

  public List<Sample> all() {
    return List.copyOf(samples);
  }
}
