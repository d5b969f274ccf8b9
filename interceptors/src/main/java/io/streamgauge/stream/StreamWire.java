package io.streamgauge.stream;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * One stream as the transport has it: what arrived, what was framed, and the bytes that wait where
 * only bytecode can see. A server stream has one transport stream, a client call one per attempt.
 *
 * <p>The lowest of four layers ({@link StreamCounters}, {@link StreamFlow}, {@link StreamRecorder})
 * that together are one object, because one object is what a stream may cost.
 */
abstract class StreamWire {

  private static final AtomicLongFieldUpdater<StreamWire> ARRIVED =
      AtomicLongFieldUpdater.newUpdater(StreamWire.class, "arrived");
  private static final AtomicLongFieldUpdater<StreamWire> WIRE_OUT =
      AtomicLongFieldUpdater.newUpdater(StreamWire.class, "wireOut");
  private static final AtomicLongFieldUpdater<StreamWire> WIRE_IN =
      AtomicLongFieldUpdater.newUpdater(StreamWire.class, "wireIn");

  /** A depth that cannot be known with what is installed; it is left out, never shown as 0. */
  public static final long UNKNOWN = -1;

  private static final int NOT_CLOSED = -1;

  private final StreamSide side;
  final StreamTimer timer;

  private volatile long arrived;
  private volatile long wireOut;
  private volatile long wireIn;

  private StreamAttempt attempts;
  private int lastCode = NOT_CLOSED;
  private long closedFramed;
  private long closedArrived;
  private long closedWireOut;
  private long closedWireIn;

  private StreamBytes bytes;
  private long closedWritten;
  private boolean transportKnown;
  private boolean deframerKnown;
  private boolean replayKnown;
  private boolean replaying;
  private long replayBytes;

  StreamWire(StreamSide side, StreamTimer timer) {
    this.side = side;
    this.timer = timer;
  }

  /** Which end of the call this process is. */
  public final StreamSide side() {
    return side;
  }

  // ---- written per message -------------------------------------------------------------------

  /** Server: a message was read from the wire and handed towards the application's thread. */
  public final void onArrived() {
    long count = arrived + 1;
    if (timer != null) {
      timer.arrived(count);
    }
    ARRIVED.lazySet(this, count);
  }

  /** Server: bytes framed for the wire. */
  public final void onWireOut(long bytes) {
    WIRE_OUT.lazySet(this, wireOut + bytes);
  }

  /** Server: bytes read from the wire. */
  public final void onWireIn(long bytes) {
    WIRE_IN.lazySet(this, wireIn + bytes);
  }

  // ---- attempts ------------------------------------------------------------------------------

  /** Client: a new attempt (the first, a retry or a hedge) is about to have a stream. */
  public final synchronized StreamAttempt openAttempt() {
    StreamAttempt attempt = new StreamAttempt(timer);
    attempt.next = attempts;
    attempts = attempt;
    return attempt;
  }

  /** Client: the attempt's transport stream is closed. What it had reached still counts. */
  public final synchronized void closeAttempt(StreamAttempt attempt, int code) {
    lastCode = code;
    StreamAttempt before = null;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      if (a == attempt) {
        if (before == null) {
          attempts = a.next;
        } else {
          before.next = a.next;
        }
        closedFramed = Math.max(closedFramed, a.framed());
        closedArrived = Math.max(closedArrived, a.arrived());
        closedWireOut += a.wireOut();
        closedWireIn += a.wireIn();
        replayBytes = Math.max(replayBytes, a.wireOut());
        closeBytes(a.bytes);
        return;
      }
      before = a;
    }
  }

  /** Whether an attempt has been on the wire and none is any more. */
  final synchronized boolean isOffTheWire() {
    return attempts == null && lastCode != NOT_CLOSED;
  }

  /** How the last attempt that closed ended. */
  final synchronized int lastCode() {
    return lastCode;
  }

  final long furthestFramed() {
    long furthest = closedFramed;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.framed());
    }
    return furthest;
  }

  /** Arrivals of the attempts still open; of the closed ones only once none is. */
  final synchronized long allArrived() {
    long furthest = arrived;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.arrived());
    }
    // A hedge that lost may have read more than the winner; nobody will ever be given that.
    return attempts == null ? Math.max(furthest, closedArrived) : furthest;
  }

  // ---- bytes that only bytecode sees ---------------------------------------------------------

  /** The cell for a transport stream's waiting bytes; whoever asks for it writes it. */
  public final synchronized StreamBytes openBytes(StreamAttempt attempt) {
    StreamBytes known = attempt == null ? bytes : attempt.bytes;
    if (known != null) {
      return known;
    }
    StreamBytes made = new StreamBytes();
    if (attempt == null) {
      bytes = made;
    } else {
      attempt.bytes = made;
    }
    return made;
  }

  /** What gRPC never credits back ends with the transport stream. */
  private void closeBytes(StreamBytes closed) {
    if (closed != null) {
      closedWritten += closed.written();
      transportKnown |= closed.transport() != UNKNOWN;
      deframerKnown |= closed.deframer() != UNKNOWN;
    }
  }

  /** Client: from now on gRPC keeps a copy of what is sent, in case it must send it again. */
  public final synchronized void onReplayBegun() {
    replayKnown = true;
    replaying = true;
  }

  /** Client: an attempt was settled on; the copy is gone. */
  public final synchronized void onReplayOver() {
    replaying = false;
  }

  /** Whether {@link #transportBytes()} is, or was in an earlier attempt, a measurement. */
  public final synchronized boolean transportKnown() {
    return transportKnown || transportBytes() != UNKNOWN;
  }

  public final synchronized boolean deframerKnown() {
    return deframerKnown || deframerBytes() != UNKNOWN;
  }

  public final synchronized boolean replayKnown() {
    return replayKnown;
  }

  /** Bytes framed and not written to the socket yet, or {@link #UNKNOWN}. */
  public final synchronized long transportBytes() {
    long sum = bytes == null ? UNKNOWN : bytes.transport();
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      sum = plus(sum, a.bytes == null ? UNKNOWN : a.bytes.transport());
    }
    return sum;
  }

  /** Bytes that have arrived and the application has not asked for, or {@link #UNKNOWN}. */
  public final synchronized long deframerBytes() {
    long sum = bytes == null ? UNKNOWN : bytes.deframer();
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      sum = plus(sum, a.bytes == null ? UNKNOWN : a.bytes.deframer());
    }
    return sum;
  }

  /**
   * Bytes of sent messages that gRPC keeps for a retry, as it counts them itself: what the furthest
   * attempt has framed. {@link #UNKNOWN} where nobody tells when that begins and ends.
   */
  public final synchronized long retryBytes() {
    if (!replayKnown) {
      return UNKNOWN;
    }
    if (!replaying) {
      return 0;
    }
    long furthest = replayBytes;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.wireOut());
    }
    return furthest;
  }

  private static long plus(long sum, long more) {
    return more == UNKNOWN ? sum : Math.max(0, sum) + more;
  }

  /** Bytes that have left for the socket; only rises. */
  final long writtenBytes() {
    long written = closedWritten + (bytes == null ? 0 : bytes.written());
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      written += a.bytes == null ? 0 : a.bytes.written();
    }
    return written;
  }

  // ---- read ----------------------------------------------------------------------------------

  /** Bytes framed for the wire, all attempts together. */
  public final synchronized long wireOut() {
    long sum = wireOut + closedWireOut;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      sum += a.wireOut();
    }
    return sum;
  }

  /** Bytes read from the wire, all attempts together. */
  public final synchronized long wireIn() {
    long sum = wireIn + closedWireIn;
    for (StreamAttempt a = attempts; a != null; a = a.next) {
      sum += a.wireIn();
    }
    return sum;
  }

  /** Changes whenever something moves on the wire; each part only rises. */
  final synchronized long wireMovement() {
    return Math.max(allArrived(), closedArrived)
        + furthestFramed()
        + wireOut()
        + wireIn()
        + writtenBytes();
  }
}
