package io.streamgauge.gray;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** Names with {@code *} for any part of them. */
final class GrayGlobs {

  static final GrayGlobs ALL = new GrayGlobs(null);

  /** Null for everything. */
  private final List<Pattern> patterns;

  private GrayGlobs(List<Pattern> patterns) {
    this.patterns = patterns;
  }

  static GrayGlobs of(List<String> globs) {
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
    return new GrayGlobs(Collections.unmodifiableList(made));
  }

  boolean matches(String name) {
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
