package io.streamgauge.internal.stream;

/**
 * What ties the streams of one client together that follow each other: pass the same one to each
 * call, and each new stream is linked to the one before. For one client at a time; several threads
 * may use it, one call after the other.
 */
public final class ClientSession {

  private Object last;
  private long streams;

  /** What the stream before has left, opaque here; null for the first. */
  public synchronized Object last() {
    return last;
  }

  /** Leaves something for the next stream; returns how many there were, this one included. */
  public synchronized long next(Object left) {
    last = left;
    return ++streams;
  }
}
