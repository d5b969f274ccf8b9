package io.streamgauge.internal.stream;

/**
 * The transport streams of one client call: one, or several with retries and hedging. A server
 * stream has one transport stream, which its {@link StreamRecorder} counts itself.
 *
 * <p>gRPC opens and closes attempts on several threads; readers come from any. All fields are
 * guarded by this object; the recorder's monitor may be held outside of this one, never inside.
 */
final class TransportAttempts {

  private static final int NOT_CLOSED = -1;

  private final StreamRecorder stream;

  /** The open attempts, the newest first. */
  private TransportAttempt open;

  /** The first attempt that closed; what it had reached still counts. */
  private TransportAttempt closed;

  /** What further ones came to; null for most calls. */
  private FoldedAttempts folded;

  private int lastCode = NOT_CLOSED;

  /** When the last attempt of a cancelled call closed; 0 before. */
  private long closedNanos;

  private boolean replayKnown;
  private boolean replaying;

  TransportAttempts(StreamRecorder stream) {
    this.stream = stream;
  }

  synchronized TransportAttempt open() {
    TransportAttempt attempt = new TransportAttempt(stream);
    attempt.next = open;
    open = attempt;
    return attempt;
  }

  /**
   * The attempt's transport stream is closed; calls after the first are ignored.
   *
   * @return how long its headers had waited at the peer's limit, nanoseconds; 0 if they left
   */
  synchronized long close(TransportAttempt attempt, int code) {
    TransportAttempt before = null;
    for (TransportAttempt a = open; a != null; a = a.next) {
      if (a == attempt) {
        if (before == null) {
          open = a.next;
        } else {
          before.next = a.next;
        }
        a.next = null;
        lastCode = code;
        if (stream.isCancelled()) {
          closedNanos = stream.now();
        }
        keep(a);
        return a.closed(code);
      }
      before = a;
    }
    return 0;
  }

  private void keep(TransportAttempt attempt) {
    if (closed == null) {
      closed = attempt;
      return;
    }
    if (folded == null) {
      folded = new FoldedAttempts();
    }
    folded.add(attempt);
  }

  synchronized boolean hasOpen() {
    return open != null;
  }

  /** Whether an attempt has been on the wire and none is any more. */
  synchronized boolean isOffTheWire() {
    return open == null && lastCode != NOT_CLOSED;
  }

  /** How the last attempt that closed ended; for a call that had none, as one that is cancelled. */
  synchronized int lastCode() {
    return lastCode == NOT_CLOSED ? StatusCodes.CANCELLED : lastCode;
  }

  /** When the transport was done with a cancelled call; 0 if that is not known. */
  synchronized long closedNanos() {
    return closedNanos;
  }

  // ---- headers that have not left ------------------------------------------------------------

  /**
   * An attempt that has a transport stream whose headers have not left, while no other attempt is
   * on its way; null if there is none.
   */
  private TransportAttempt heldBack() {
    TransportAttempt held = null;
    for (TransportAttempt a = open; a != null; a = a.next) {
      if (a.isHeldBack()) {
        held = a;
      } else if (a.connection() != null) {
        return null;
      }
    }
    return held;
  }

  /** Whether the headers of the call have a transport stream and do not leave. */
  synchronized boolean isHeldBack() {
    return heldBack() != null;
  }

  /** Whether it is the peer's limit of concurrent streams that holds the headers back. */
  synchronized boolean isAtLimit() {
    TransportAttempt held = heldBack();
    return held != null && held.isAtLimit(stream.now());
  }

  /** Messages in a transport stream whose headers have not left. */
  synchronized long limitDepth() {
    TransportAttempt held = heldBack();
    return held == null ? 0 : held.framed();
  }

  /**
   * For the watch, at each look: what the attempts show of their connections.
   *
   * @param lookedNanos when it looked last
   */
  void look(long lookedNanos) {
    TransportAttempt held;
    synchronized (this) {
      for (TransportAttempt a = open; a != null; a = a.next) {
        a.look(lookedNanos);
      }
      held = heldBack();
    }
    // Outside the monitor: a transport without a thread of its own runs it here, under its lock.
    if (held != null && held.bytes != null) {
      Connection on = held.connection();
      held.bytes.probe(() -> on.answered(stream.now()));
    }
  }

  // ---- counts --------------------------------------------------------------------------------

  /** Messages that the furthest attempt has a transport stream for. */
  synchronized long framed() {
    long furthest = folded == null ? 0 : folded.framed;
    if (closed != null) {
      furthest = Math.max(furthest, closed.framed());
    }
    for (TransportAttempt a = open; a != null; a = a.next) {
      furthest = Math.max(furthest, a.framed());
    }
    return furthest;
  }

  /** Arrivals of the attempts still open; of the closed ones only once none is. */
  synchronized long arrived() {
    // A hedge that lost may have read more than the winner; gRPC delivers that to no one.
    return open == null ? closedArrived() : openArrived();
  }

  /** Arrivals of the furthest attempt, open or closed; only rises. */
  synchronized long everArrived() {
    return Math.max(openArrived(), closedArrived());
  }

  private long openArrived() {
    long furthest = 0;
    for (TransportAttempt a = open; a != null; a = a.next) {
      furthest = Math.max(furthest, a.arrived());
    }
    return furthest;
  }

  private long closedArrived() {
    long furthest = closed == null ? 0 : closed.arrived();
    return folded == null ? furthest : Math.max(furthest, folded.arrived);
  }

  /** Bytes framed for the wire, all attempts together. */
  synchronized long wireOut() {
    long sum = folded == null ? 0 : folded.wireOut;
    sum += closed == null ? 0 : closed.wireOut();
    for (TransportAttempt a = open; a != null; a = a.next) {
      sum += a.wireOut();
    }
    return sum;
  }

  /** Bytes read from the wire, all attempts together. */
  synchronized long wireIn() {
    long sum = folded == null ? 0 : folded.wireIn;
    sum += closed == null ? 0 : closed.wireIn();
    for (TransportAttempt a = open; a != null; a = a.next) {
      sum += a.wireIn();
    }
    return sum;
  }

  // ---- bytes that only bytecode sees ---------------------------------------------------------

  synchronized TransportBytes bytesOf(TransportAttempt attempt) {
    if (attempt.bytes == null) {
      attempt.bytes = new TransportBytes();
    }
    return attempt.bytes;
  }

  /** gRPC keeps a copy of what is sent from now on, or has thrown it away. */
  synchronized void replaying(boolean now) {
    replayKnown |= now;
    replaying = now;
  }

  synchronized boolean replayKnown() {
    return replayKnown;
  }

  /**
   * Bytes of sent messages that gRPC keeps for a retry, as it counts them itself: what the furthest
   * attempt has framed. Unknown where no hook tells when that begins and ends.
   */
  synchronized long retryBytes() {
    if (!replayKnown) {
      return StreamRecorder.UNKNOWN;
    }
    if (!replaying) {
      return 0;
    }
    long furthest = folded == null ? 0 : folded.furthestOut;
    if (closed != null) {
      furthest = Math.max(furthest, closed.wireOut());
    }
    for (TransportAttempt a = open; a != null; a = a.next) {
      furthest = Math.max(furthest, a.wireOut());
    }
    return furthest;
  }

  /** Whether {@link #transportBytes()} is, or was in an earlier attempt, a measurement. */
  synchronized boolean transportKnown() {
    return transportBytes() != StreamRecorder.UNKNOWN
        || (closed != null && closed.transportBytes() != StreamRecorder.UNKNOWN)
        || (folded != null && folded.transportKnown);
  }

  synchronized boolean deframerKnown() {
    return deframerBytes() != StreamRecorder.UNKNOWN
        || (closed != null && closed.deframerBytes() != StreamRecorder.UNKNOWN)
        || (folded != null && folded.deframerKnown);
  }

  synchronized long transportBytes() {
    long sum = StreamRecorder.UNKNOWN;
    for (TransportAttempt a = open; a != null; a = a.next) {
      sum = plus(sum, a.transportBytes());
    }
    return sum;
  }

  synchronized long deframerBytes() {
    long sum = StreamRecorder.UNKNOWN;
    for (TransportAttempt a = open; a != null; a = a.next) {
      sum = plus(sum, a.deframerBytes());
    }
    return sum;
  }

  private static long plus(long sum, long more) {
    return more == StreamRecorder.UNKNOWN ? sum : Math.max(0, sum) + more;
  }

  /** Bytes that have left for the socket; only rises. */
  synchronized long writtenBytes() {
    long written = folded == null ? 0 : folded.written;
    written += closed == null || closed.bytes == null ? 0 : closed.bytes.written();
    for (TransportAttempt a = open; a != null; a = a.next) {
      written += a.bytes == null ? 0 : a.bytes.written();
    }
    return written;
  }
}
