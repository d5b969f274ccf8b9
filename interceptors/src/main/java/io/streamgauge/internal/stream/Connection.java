package io.streamgauge.internal.stream;

import java.util.Arrays;

/**
 * One connection, as far as its calls show it: who is at its other end, and when its transport
 * thread was seen at work. A client's call whose headers do not leave waits for the peer's limit of
 * concurrent streams, for that thread, or for a socket that takes no bytes; if the thread works and
 * the socket is not known to be full, it is the limit.
 *
 * <p>Sightings are kept on a scale of powers of two, the latest two at least that far apart, so
 * that there is one in the middle of a wait, short or long. The transport thread adds a sighting
 * when the headers of a call leave and when the peer ends a call, the watch thread when messages or
 * bytes have arrived. All fields but {@link #latestNanos} are guarded by this object; {@link
 * #latestNanos} is read without it and keeps the monitor to one entry a millisecond.
 */
public final class Connection {

  /** A wait that is shorter is the way of a call from its own thread to the transport's. */
  static final long SHORTEST_NANOS = 1_000_000;

  /** From a millisecond to a day and a half. */
  private static final int SCALES = 28;

  /** A probe says nothing for that long after bytes were seen to wait for the socket. */
  private static final long BACKLOG_NANOS = 3_000_000_000L;

  private final String peerAddress;
  private final int peerPort;
  private final String transport;

  /** Null until the first sighting: a server's connection has none. */
  private long[] last;

  private long[] lastButOne;

  private final long madeNanos;

  /** When bytes were last seen to wait for the socket; written by the watch. */
  private volatile long backlogNanos;

  private volatile boolean backlogged;
  private volatile long latestNanos;

  /**
   * A connection that a call is put on for the first time.
   *
   * @param nowNanos before the call's own time on the connection begins
   */
  public Connection(long nowNanos) {
    this(nowNanos, null, 0, null);
  }

  /**
   * A connection whose other end is known.
   *
   * @param peerAddress an IP address or the path of a socket; null if there is none
   * @param peerPort 0 where there are no ports
   * @param transport in the words of OpenTelemetry's {@code network.transport}; null if unknown
   */
  public Connection(long nowNanos, String peerAddress, int peerPort, String transport) {
    this.peerAddress = peerAddress;
    this.peerPort = peerPort;
    this.transport = transport;
    madeNanos = nowNanos;
    latestNanos = nowNanos;
  }

  /** An IP address or the path of a socket; null if there is none. */
  public String peerAddress() {
    return peerAddress;
  }

  /** 0 where there are no ports. */
  public int peerPort() {
    return peerPort;
  }

  /** {@code tcp} or {@code unix}; null if unknown. */
  public String transport() {
    return transport;
  }

  /** Bytes of a call on it wait for the socket, and none has left since the last look. */
  void backlogged(long now) {
    backlogNanos = now;
    backlogged = true;
  }

  /**
   * The transport thread has answered. Where bytes wait for the socket that proves nothing: a new
   * call's headers wait behind them, whatever the peer's limit is.
   */
  void answered(long now) {
    if (!backlogged || now - backlogNanos > BACKLOG_NANOS) {
      working(now);
    }
  }

  /** The transport thread was at work at that time. */
  void working(long now) {
    if (now - latestNanos < SHORTEST_NANOS) {
      return;
    }
    synchronized (this) {
      if (now - latestNanos < SHORTEST_NANOS) {
        return; // another thread has added a later sighting meanwhile
      }
      latestNanos = now;
      if (last == null) {
        last = new long[SCALES];
        lastButOne = new long[SCALES];
        Arrays.fill(last, madeNanos);
        Arrays.fill(lastButOne, madeNanos);
      }
      for (int i = 0; i < SCALES && now - last[i] >= SHORTEST_NANOS << i; i++) {
        lastButOne[i] = last[i];
        last[i] = now;
      }
    }
  }

  /**
   * Whether the transport thread was seen at work well inside that time. A thread that was blocked
   * and goes on is busy at the end of the wait, so the last quarter proves nothing; nor does the
   * first.
   */
  synchronized boolean workedBetween(long from, long to) {
    if (last == null) {
      return false;
    }
    long margin = Math.max(SHORTEST_NANOS, (to - from) / 4);
    for (int i = 0; i < SCALES; i++) {
      if (isBetween(last[i], from + margin, to - margin)
          || isBetween(lastButOne[i], from + margin, to - margin)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBetween(long time, long from, long to) {
    return time - from >= 0 && to - time >= 0;
  }
}
