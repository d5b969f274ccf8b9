package io.streamgauge;

/**
 * A queue of the application's own that belongs to a stream; its depth is stage {@code
 * application}. Made by {@link Streamgauge#queue} and {@link Streamgauge#clientQueue}; closed with
 * the stream at the latest. Implemented by Streamgauge only.
 */
public interface StreamQueue extends AutoCloseable {

  /** The name it was given, for people. */
  String name();

  /** Takes the queue from its stream; never throws. */
  @Override
  void close();
}
