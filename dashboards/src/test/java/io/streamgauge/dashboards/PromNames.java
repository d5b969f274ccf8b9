package io.streamgauge.dashboards;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics and labels a PromQL expression names; enough of a reader for our own queries. */
final class PromNames {

  private static final Pattern STRINGS = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final Pattern SELECTOR = Pattern.compile("\\{([^}]*)\\}");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
  private static final Pattern WINDOW = Pattern.compile("\\[[^\\]]*\\]");
  private static final Pattern WORD =
      Pattern.compile("(?<![\\w:])([a-zA-Z_:][\\w:]*)\\b(?!\\s*\\()");
  private static final Set<String> KEYWORDS =
      Set.of("and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset");

  private final Set<String> metrics = new TreeSet<>();
  private final Set<String> labels = new TreeSet<>();

  private PromNames() {}

  static PromNames of(String expression) {
    PromNames names = new PromNames();
    String rest = STRINGS.matcher(expression).replaceAll("\"\"");
    rest = names.takeLabels(GROUPING, rest, " ");
    rest = names.takeLabels(SELECTOR, rest, "");
    rest = WINDOW.matcher(rest).replaceAll("");
    Matcher words = WORD.matcher(rest);
    while (words.find()) {
      String word = words.group(1);
      if (!KEYWORDS.contains(word) && !word.matches("\\d+[smhd]|[smhd]")) {
        names.metrics.add(word);
      }
    }
    return names;
  }

  private String takeLabels(Pattern pattern, String text, String replacement) {
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      for (String part : matcher.group(1).split(",", -1)) {
        String label = part.trim().replaceAll("\\s*(=~|!~|!=|=).*", "");
        if (!label.isEmpty()) {
          labels.add(label);
        }
      }
    }
    return matcher.replaceAll(replacement);
  }

  Set<String> metrics() {
    return metrics;
  }

  Set<String> labels() {
    return labels;
  }
}
