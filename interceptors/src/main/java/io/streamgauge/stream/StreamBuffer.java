package io.streamgauge.stream;

import io.streamgauge.guard.Guard;
import java.util.function.IntSupplier;

/**
 * A queue of the application's own that belongs to a stream; its depth is stage {@code
 * application}. Closed with the stream at the latest.
 */
public final class StreamBuffer implements AutoCloseable {

  /** Open buffers a stream may have; more are refused and counted. */
  static final int MAX_PER_STREAM = 8;

  private static final String SITE = "buffer";

  private final String name;
  private final IntSupplier depth;
  private volatile boolean closed;

  /**
   * Describes a queue.
   *
   * @param depth messages in it now; called by readers, on their threads, holding no lock of ours
   */
  public StreamBuffer(String name, IntSupplier depth) {
    this.name = name;
    this.depth = depth;
  }

  /** The same queue for another stream: each closes its own. */
  public StreamBuffer copy() {
    return new StreamBuffer(name, depth);
  }

  public String name() {
    return name;
  }

  /** Messages in the queue, at least 0; 0 once closed, and where the application's code throws. */
  int depth(Guard guard) {
    try {
      return closed ? 0 : Math.max(0, depth.getAsInt());
    } catch (Throwable t) {
      guard.swallow(SITE, t);
      return 0;
    }
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }

  /** Immutable list, so that readers need no lock while they call the application's code. */
  static final class Node {
    final StreamBuffer buffer;
    final Node next;

    Node(StreamBuffer buffer, Node next) {
      this.buffer = buffer;
      this.next = next;
    }

    /** The list without what was closed. */
    static Node open(Node head) {
      Node open = null;
      for (Node node = head; node != null; node = node.next) {
        if (!node.buffer.isClosed()) {
          open = new Node(node.buffer, open);
        }
      }
      return open;
    }
  }
}
