package io.streamgauge.internal.tagging;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** Names with {@code *} for any part of them. */
public final class Globs {

  static final Globs ALL = new Globs(null);

  /** Null for everything. */
  private final List<Pattern> patterns;

  private Globs(List<Pattern> patterns) {
    this.patterns = patterns;
  }

  public static Globs of(List<String> globs) {
    if (globs.isEmpty()) {
      return ALL;
    }
    List<Pattern> made = new ArrayList<>();
    for (String glob : globs) {
      StringBuilder pattern = new StringBuilder();
      for (String part : glob.split("\\*", -1)) {
        pattern.append(pattern.length() == 0 ? "" : ".*").append(Pattern.quote(part));
      }
      made.add(Pattern.compile(pattern.toString(), Pattern.CASE_INSENSITIVE));
    }
    return new Globs(Collections.unmodifiableList(made));
  }

  public boolean matches(String name) {
    if (patterns == null) {
      return true;
    }
    for (Pattern pattern : patterns) {
      if (name != null && pattern.matcher(name).matches()) {
        return true;
      }
    }
    return false;
  }
}
