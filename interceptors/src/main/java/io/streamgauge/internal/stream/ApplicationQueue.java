package io.streamgauge.internal.stream;

import io.streamgauge.StreamQueue;
import io.streamgauge.internal.guard.Guard;
import java.util.function.IntSupplier;

/** A queue of the application's own, and what the watch was told last of its depth. */
public final class ApplicationQueue implements StreamQueue {

  /** Open queues a stream may have; more are refused and counted. */
  static final int MAX_PER_STREAM = 8;

  private static final String SITE = "buffer";
  private static final int NOT_ASKED = -1;

  private final String name;
  private final IntSupplier depth;

  /** Written by the watch, read by scrapes and pages; below zero until the watch has asked. */
  private volatile int last = NOT_ASKED;

  private volatile boolean closed;

  /**
   * Describes a queue.
   *
   * @param depth messages in it now; called about once a second by the stall watch, on a thread of
   *     its own that holds no lock; scrapes and pages show what it said last
   */
  public ApplicationQueue(String name, IntSupplier depth) {
    this.name = name;
    this.depth = depth;
  }

  /** The same queue for another stream: each closes its own. */
  public ApplicationQueue copy() {
    return new ApplicationQueue(name, depth);
  }

  @Override
  public String name() {
    return name;
  }

  /** Asks the application's code; what throws counts as empty. Holds no lock, may not return. */
  void ask(Guard guard) {
    if (closed) {
      return;
    }
    try {
      last = Math.max(0, depth.getAsInt());
    } catch (Throwable t) {
      last = 0;
      guard.swallow(SITE, t);
    }
  }

  /** Messages in the queue when it was asked last; below zero if it has not been asked yet. */
  int depth() {
    return closed ? 0 : last;
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
    final ApplicationQueue queue;
    final Node next;

    Node(ApplicationQueue queue, Node next) {
      this.queue = queue;
      this.next = next;
    }

    /** The list without what was closed. */
    static Node open(Node head) {
      Node open = null;
      for (Node node = head; node != null; node = node.next) {
        if (!node.queue.isClosed()) {
          open = new Node(node.queue, open);
        }
      }
      return open;
    }
  }
}
