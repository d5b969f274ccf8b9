package io.streamgauge;

import java.util.Collection;
import java.util.Map;

/**
 * Reads and writes a small map of text in a message, so that a single message of a stream can have
 * a trace of its own: headers go once, at the start of the stream.
 *
 * @param <T> type of the message
 */
public interface MessageCarrier<T> {

  /** What the message carries; empty if nothing, never null. Runs before the handler does. */
  Map<String, String> read(T message);

  /**
   * The message with these values in it, besides what it carries already; the same instance or
   * another. Runs on the thread that sends.
   */
  T write(T message, Map<String, String> values);

  /**
   * The message without these values, for a tag that must not go further: one that a stranger has
   * put into a message, which the application may hand on. By default nothing is removed.
   */
  default T remove(T message, Collection<String> keys) {
    return message;
  }
}
