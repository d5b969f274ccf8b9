package io.streamgauge.console.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A duration as Jaeger's search form writes it: {@code 1.5s}, {@code 100ms}, {@code 20us}. */
final class JaegerDuration {

  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(us|µs|ms|s|m|h)");

  private JaegerDuration() {}

  static long micros(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a duration: " + text);
    }
    return Math.max(1, (long) (Double.parseDouble(matcher.group(1)) * unit(matcher.group(2))));
  }

  private static double unit(String name) {
    switch (name) {
      case "h":
        return 3.6e9;
      case "m":
        return 6e7;
      case "s":
        return 1e6;
      case "ms":
        return 1e3;
      default:
        return 1;
    }
  }
}
