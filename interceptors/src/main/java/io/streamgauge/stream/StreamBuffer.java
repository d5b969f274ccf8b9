package io.streamgauge.stream;

import java.util.function.IntSupplier;

/**
 * A queue of the application's own that belongs to a stream; its depth is stage {@code
 * application}. Closed with the stream at the latest.
 */
public final class StreamBuffer implements AutoCloseable {

  /** Buffers a stream may have; more are refused and counted. */
  static final int MAX_PER_STREAM = 8;

  private final String name;
  private final IntSupplier depth;
  private volatile boolean closed;

  /** The next of the stream; guarded by the recorder. */
  StreamBuffer next;

  /**
   * Describes a queue.
   *
   * @param depth messages in it now; called by readers, on their threads, so it must be quick
   */
  public StreamBuffer(String name, IntSupplier depth) {
    this.name = name;
    this.depth = depth;
  }

  public String name() {
    return name;
  }

  /** Messages in the queue, at least 0; 0 once closed. */
  int depth() {
    return closed ? 0 : Math.max(0, depth.getAsInt());
  }

  @Override
  public void close() {
    closed = true;
  }
}
