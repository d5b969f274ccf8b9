package io.streamgauge.stream;

/**
 * Port: hears the rare moments of a stream's life; nothing here runs per message. Implementations
 * may throw, the caller guards each.
 */
public interface StreamListener {

  /** The stream's method and headers are known; it is about to be the application's. */
  default void started(StreamRecorder stream) {}

  /**
   * The stream's one end. {@link StreamRecorder#code()} and {@link StreamRecorder#description()}
   * are set. Runs on whichever thread learnt of it, often the transport's: it must not block.
   */
  default void ended(StreamRecorder stream) {}
}
