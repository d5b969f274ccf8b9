package io.streamgauge.internal.tagging;

import io.streamgauge.gray.GrayTag;

/** What a tag may look like. */
public final class TagSyntax {

  public static final String CHARSET = "charset";
  public static final String LENGTH = "length";
  public static final String NOT_ALLOWED = "not_allowed";

  private TagSyntax() {}

  /** Null for a tag, else the reason it is none; a value of the metric label {@code reason}. */
  public static String problem(String raw) {
    if (raw == null || raw.isEmpty() || raw.length() > GrayTag.MAX_LENGTH) {
      return LENGTH;
    }
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!plain && (i == 0 || (c != '.' && c != '_' && c != '-'))) {
        return CHARSET;
      }
    }
    return raw.equals("other") || raw.equals("invalid") ? NOT_ALLOWED : null;
  }
}
