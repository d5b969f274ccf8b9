package io.streamgauge.console.live;

import java.io.IOException;
import java.util.Map;

/** A process whose open streams can be asked for. */
public interface LiveSource extends AutoCloseable {

  /** For people; empty for the process the console lives in. */
  String name();

  /**
   * The document of {@code /api/streams}, as maps, lists, strings, numbers and booleans; returns at
   * once.
   *
   * @throws IOException saying why there is none now
   */
  Map<?, ?> page() throws IOException;

  /**
   * When the page was made that {@link #page} gives.
   *
   * @param now the time of the look, for a source that makes it then
   */
  default long at(long now) {
    return now;
  }

  @Override
  void close();
}
