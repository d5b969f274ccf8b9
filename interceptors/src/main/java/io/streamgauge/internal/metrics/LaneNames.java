package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Raw tags as lanes: the label must not grow with what callers send. Every call is in exactly one
 * lane: {@code baseline}, an allow-listed value, or {@code other}.
 */
public final class LaneNames {

  /** Allow-listed values at most. */
  public static final int MAX_LANES = 10;

  /** The lane of every tag that is not allow-listed. */
  public static final String OTHER = "other";

  /**
   * Replaced as a whole by the thread that changes the configuration; calls and scrapes read it.
   */
  private volatile Set<String> allowed = Collections.emptySet();

  /**
   * Replaces the allow-list.
   *
   * @throws IllegalArgumentException if it is too long; the old one stays
   */
  public void allow(Collection<String> values) {
    Set<String> copy = new LinkedHashSet<>(values);
    if (copy.size() > MAX_LANES) {
      throw new IllegalArgumentException(
          "at most " + MAX_LANES + " lanes can be told apart, not " + copy.size());
    }
    allowed = copy;
  }

  /** What decides which lane a tag has; another object once that has changed. */
  Object rules() {
    return allowed;
  }

  /** The lane of a raw tag; null and empty are baseline. */
  public String lane(String raw) {
    if (raw == null || raw.isEmpty() || raw.equals(StreamRecorder.BASELINE)) {
      return StreamRecorder.BASELINE;
    }
    return allowed.contains(raw) ? raw : OTHER;
  }
}
