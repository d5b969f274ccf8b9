package io.streamgauge.ordersync.flow;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/** {@link FlowLimits} from a properties file; what is left out keeps its default. */
final class FlowLimitsFile {

  private static final List<String> KEYS =
      List.of(
          "backlog.high",
          "backlog.low",
          "backlog.policy",
          "backlog.wait-millis",
          "stream.per-100ms",
          "streams.max",
          "streams.ready");

  private static final int MOST = 1_000_000;

  private FlowLimitsFile() {}

  /**
   * Reads and checks it.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException naming the key that is wrong
   */
  static FlowLimits read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    for (String key : properties.stringPropertyNames()) {
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException("unknown key " + key + "; there are " + KEYS);
      }
    }
    FlowLimits d = FlowLimits.DEFAULT;
    int high = number(properties, "backlog.high", 1, d.high());
    FlowLimits limits =
        new FlowLimits(
            high,
            number(properties, "backlog.low", 0, Math.min(d.low(), high / 2)),
            policy(properties.getProperty("backlog.policy"), d.policy()),
            number(properties, "backlog.wait-millis", 1, (int) d.waitMillis()),
            number(properties, "stream.per-100ms", 1, d.perWindow()),
            number(properties, "streams.max", 1, d.maxStreams()),
            number(properties, "streams.ready", 1, d.readyStreams()));
    if (limits.low() >= limits.high()) {
      throw new IllegalArgumentException(
          "backlog.low must be below backlog.high, not " + limits.low());
    }
    return limits;
  }

  private static int number(Properties properties, String key, int least, int otherwise) {
    String text = properties.getProperty(key);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.trim());
      if (number >= least && number <= MOST) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException(
        key + " must be a number from " + least + " to " + MOST + ", not " + text);
  }

  private static OverflowPolicy policy(String text, OverflowPolicy otherwise) {
    if (text == null) {
      return otherwise;
    }
    try {
      return OverflowPolicy.valueOf(text.trim().toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "backlog.policy must be one of " + List.of(OverflowPolicy.values()) + ", not " + text, e);
    }
  }
}
