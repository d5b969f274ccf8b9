package io.streamgauge.internal.stream;

import io.streamgauge.internal.guard.CallPath;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * One attempt of a client call on the wire after the first, a retry or a hedge. It is written by
 * the threads of its own transport stream, one per field at a time.
 */
public final class TransportAttempt {

  private static final AtomicLongFieldUpdater<TransportAttempt> FRAMED =
      AtomicLongFieldUpdater.newUpdater(TransportAttempt.class, "framed");
  private static final AtomicLongFieldUpdater<TransportAttempt> ARRIVED =
      AtomicLongFieldUpdater.newUpdater(TransportAttempt.class, "arrived");
  private static final AtomicLongFieldUpdater<TransportAttempt> WIRE_OUT =
      AtomicLongFieldUpdater.newUpdater(TransportAttempt.class, "wireOut");
  private static final AtomicLongFieldUpdater<TransportAttempt> WIRE_IN =
      AtomicLongFieldUpdater.newUpdater(TransportAttempt.class, "wireIn");

  private final StreamRecorder stream;
  private volatile long framed;
  private volatile long arrived;
  private volatile long wireOut;
  private volatile long wireIn;

  /**
   * The connection it is on, null before it is on one; and since when. Written by the thread that
   * makes the transport stream, {@link #headersLeft} by the transport thread. The time is stored
   * before the connection and read after it: a reader that sees a connection sees its time.
   */
  private volatile Connection connection;

  private long connectedNanos;
  private volatile boolean headersLeft;

  /** The watch has found the headers at the peer's limit; it alone writes, and that once. */
  private volatile boolean atLimit;

  /** What had arrived at the watch's last look; used by the watch alone. */
  private long lookedAt;

  /** The next older open attempt of the call; guarded by {@link TransportAttempts}. */
  TransportAttempt next;

  /** Null unless hooks tell them; written once, under the monitor of {@link TransportAttempts}. */
  volatile TransportBytes bytes;

  TransportAttempt(StreamRecorder stream) {
    this.stream = stream;
  }

  /** The attempt has a transport stream on that connection; its headers are not sent yet. */
  @CallPath
  public void onConnected(Connection connection, long nowNanos) {
    connectedNanos = nowNanos;
    this.connection = connection;
    stream.connection(connection);
  }

  /** The headers have left for the peer: its limit of concurrent streams has let them pass. */
  @CallPath
  public void onHeadersLeft() {
    Connection on = connection;
    if (headersLeft || on == null) {
      return;
    }
    headersLeft = true;
    stream.environment().tellHeaders();
    long now = stream.now();
    long waited = waitedAtLimit(on, now);
    on.working(now);
    if (waited > 0) {
      stream.waitedAtLimit(waited);
    }
  }

  /**
   * The transport stream is closed.
   *
   * @param code numeric status; one that this side may have given itself shows nothing of the peer
   * @return how long its headers had waited at the peer's limit and never left, nanoseconds; else 0
   */
  long closed(int code) {
    Connection on = connection;
    if (on == null) {
      return 0;
    }
    if (isHeldBack()) {
      return waitedAtLimit(on, stream.now());
    }
    if (headersLeft && StreamRecorder.showsPeer(code)) {
      on.working(stream.now());
    }
    return 0;
  }

  private long waitedAtLimit(Connection on, long now) {
    long nanos = now - connectedNanos;
    boolean limited =
        nanos >= Connection.SHORTEST_NANOS && (atLimit || on.workedBetween(connectedNanos, now));
    return limited ? nanos : 0;
  }

  /** Whether it is on a connection and its headers have not left. */
  boolean isHeldBack() {
    Connection on = connection;
    return on != null
        && !headersLeft
        && stream.environment().tellsHeaders()
        && arrived == 0
        && wireIn == 0;
  }

  /** Whether the transport thread has worked while the headers did not leave. */
  boolean isAtLimit(long now) {
    boolean limited = connection.workedBetween(connectedNanos, now);
    if (limited) {
      atLimit = true; // what is found once holds, see StreamRecorder.isFirstAtLimit
    }
    return limited;
  }

  /** For the watch, at each look: the transport thread worked if something has arrived. */
  void look(long lookedNanos) {
    long in = arrived + wireIn;
    Connection on = connection;
    if (on != null && in != lookedAt) {
      lookedAt = in;
      // After the look before this one; that is all that is known.
      on.working(lookedNanos);
    }
    TransportBytes told = bytes;
    if (on != null && told != null && headersLeft && told.isBacklogged()) {
      on.backlogged(lookedNanos);
    }
  }

  /** Bytes framed and not written to the socket yet; unknown where no hook tells them. */
  long transportBytes() {
    TransportBytes told = bytes;
    return told == null ? StreamRecorder.UNKNOWN : told.transport();
  }

  /** Bytes that have arrived and were not asked for; unknown where no hook tells them. */
  long deframerBytes() {
    TransportBytes told = bytes;
    return told == null ? StreamRecorder.UNKNOWN : told.deframer();
  }

  Connection connection() {
    return connection;
  }

  /** A message left the connect stage: it has a transport stream to go to. */
  @CallPath
  public void onFramed() {
    FRAMED.lazySet(this, framed + 1);
  }

  /** A message was read from the wire and handed towards the application's thread. */
  @CallPath
  public void onArrived() {
    long count = arrived + 1;
    if (stream.environment().times(count)) {
      stream.timer().arrived(count);
    }
    ARRIVED.lazySet(this, count);
  }

  @CallPath(bytes = true)
  public void onWireOut(long bytes) {
    WIRE_OUT.lazySet(this, wireOut + bytes);
  }

  @CallPath(bytes = true)
  public void onWireIn(long bytes) {
    WIRE_IN.lazySet(this, wireIn + bytes);
  }

  long framed() {
    return framed;
  }

  long arrived() {
    return arrived;
  }

  long wireOut() {
    return wireOut;
  }

  long wireIn() {
    return wireIn;
  }
}
