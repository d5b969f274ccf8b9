package io.streamgauge.internal.guard;

import java.util.Collection;

/** Which name was probably meant by one that is not known. */
public final class NearestName {

  /** A name that differs in more letters than this is not a misspelt one. */
  private static final int NEAR = 4;

  private NearestName() {}

  /** The known name that was probably meant; null if none is near. */
  public static String of(String name, Collection<String> known) {
    String nearest = null;
    int least = NEAR + 1;
    for (String other : known) {
      int distance = distance(name, other);
      if (distance < least) {
        least = distance;
        nearest = other;
      }
    }
    return nearest;
  }

  /** Letters to insert, delete or replace to make one of the other (Levenshtein). */
  private static int distance(String one, String other) {
    int[] before = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      before[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] now = new int[other.length() + 1];
      now[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(replaced, Math.min(before[j], now[j - 1]) + 1);
      }
      before = now;
    }
    return before[other.length()];
  }
}
