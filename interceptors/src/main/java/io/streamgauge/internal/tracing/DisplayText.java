package io.streamgauge.internal.tracing;

/**
 * Text a stranger may have chosen, made fit to be shown: it ends up in log lines and on pages. At
 * most {@value #MAX_LENGTH} characters of it, on one line, without what a terminal or a page would
 * obey; each such character becomes a question mark.
 */
final class DisplayText {

  static final int MAX_LENGTH = 256;

  private DisplayText() {}

  /** The text itself wherever there is nothing to change. */
  static String line(String text) {
    int length = Math.min(text.length(), MAX_LENGTH);
    if (length < text.length() && Character.isHighSurrogate(text.charAt(length - 1))) {
      length--; // not half of a character
    }
    for (int i = 0; i < length; i += Character.charCount(text.codePointAt(i))) {
      if (!isShown(text.codePointAt(i))) {
        return replaced(text, length);
      }
    }
    return length == text.length() ? text : text.substring(0, length);
  }

  private static String replaced(String text, int length) {
    StringBuilder line = new StringBuilder(length);
    for (int i = 0; i < length; i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      line.appendCodePoint(isShown(c) ? c : '?');
    }
    return line.toString();
  }

  private static boolean isShown(int c) {
    if (c < 0x7f) {
      return c >= ' ';
    }
    switch (Character.getType(c)) {
      case Character.CONTROL:
      case Character.FORMAT: // marks that turn the direction of text around are among these
      case Character.LINE_SEPARATOR:
      case Character.PARAGRAPH_SEPARATOR:
      case Character.SURROGATE: // only one that stands alone
      case Character.UNASSIGNED:
        return false;
      default:
        return true;
    }
  }
}
