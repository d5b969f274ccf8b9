package io.streamgauge.console.live;

import java.io.IOException;
import java.util.Map;

/** A process whose open streams can be asked for. */
public interface LiveSource extends AutoCloseable {

  /** For people; empty for the process the console lives in. */
  String name();

  /** A page and when it was made, by {@link System#nanoTime}. */
  final class Page {
    final Map<?, ?> document;
    final long at;

    /**
     * Holds both.
     *
     * @param document that of {@code /api/streams}, as maps, lists, strings, numbers and booleans
     */
    public Page(Map<?, ?> document, long at) {
      this.document = document;
      this.at = at;
    }
  }

  /**
   * The last page; returns at once.
   *
   * @param now the time of the look, for a source that makes its page then
   * @throws IOException saying why there is none now
   */
  Page page(long now) throws IOException;

  @Override
  void close();
}
