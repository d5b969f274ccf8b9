package io.streamgauge.internal.stream;

/**
 * The transport streams of one client call after its first: retries and hedges. The first one, and
 * a server's only one, count in their {@link StreamRecorder}, which tells what they have reached.
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

  /** The first attempt is closed. */
  synchronized void closedFirst(int code) {
    lastCode = code;
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

  /** Whether an attempt has closed, the first one too. */
  synchronized boolean hasClosed() {
    return lastCode != NOT_CLOSED;
  }

  /** How the last attempt that closed ended. */
  synchronized int lastCode() {
    return lastCode;
  }

  /** When the transport was done with a cancelled call; 0 if that is not known. */
  synchronized long closedNanos() {
    return closedNanos;
  }

  // ---- headers that have not left ------------------------------------------------------------

  /**
   * An attempt after the first that has a transport stream whose headers have not left; null if
   * there is none, or if another one is on its way.
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

  private boolean isOnItsWay() {
    for (TransportAttempt a = open; a != null; a = a.next) {
      if (a.connection() != null && !a.isHeldBack()) {
        return true;
      }
    }
    return false;
  }

  private boolean isFirstOnItsWay() {
    return stream.isFirstOpen() && stream.isFirstConnected() && !stream.isFirstHeldBack();
  }

  private boolean isFirstHeldBack() {
    return stream.isFirstOpen() && stream.isFirstHeldBack() && !isOnItsWay();
  }

  /** Whether the headers of the call have a transport stream and do not leave. */
  synchronized boolean isHeldBack() {
    return isFirstHeldBack() || (heldBack() != null && !isFirstOnItsWay());
  }

  /** Whether it is the peer's limit of concurrent streams that holds the headers back. */
  synchronized boolean isAtLimit() {
    if (!isHeldBack()) {
      return false;
    }
    TransportAttempt held = heldBack();
    long now = stream.now();
    return held == null ? stream.isFirstAtLimit(now) : held.isAtLimit(now);
  }

  /** Messages in a transport stream whose headers have not left. */
  synchronized long limitDepth() {
    if (!isHeldBack()) {
      return 0;
    }
    TransportAttempt held = heldBack();
    return held == null ? stream.ownFramed() : held.framed();
  }

  /**
   * For the watch, at each look: what the attempts show of their connections.
   *
   * @param lookedNanos when it looked last
   */
  void look(long lookedNanos) {
    TransportBytes told;
    Connection on;
    synchronized (this) {
      for (TransportAttempt a = open; a != null; a = a.next) {
        a.look(lookedNanos);
      }
      if (!isHeldBack()) {
        return;
      }
      TransportAttempt held = heldBack();
      told = held == null ? stream.firstBytes() : held.bytes;
      on = held == null ? stream.firstConnection() : held.connection();
    }
    stream.probe(told, on);
  }

  // ---- counts --------------------------------------------------------------------------------

  /**
   * Messages that the furthest attempt has a transport stream for.
   *
   * @param first of the first one; the same for the other counts
   */
  synchronized long framed(long first) {
    long furthest = folded == null ? first : Math.max(first, folded.framed);
    if (closed != null) {
      furthest = Math.max(furthest, closed.framed());
    }
    for (TransportAttempt a = open; a != null; a = a.next) {
      furthest = Math.max(furthest, a.framed());
    }
    return furthest;
  }

  /** Arrivals of the attempts still open; of the closed ones only once none is. */
  synchronized long arrived(long first) {
    // A hedge that lost may have read more than the winner; gRPC delivers that to no one.
    return open != null || stream.isFirstOpen() ? openArrived(first) : closedArrived(first);
  }

  /** Arrivals of the furthest attempt, open or closed; only rises. */
  synchronized long everArrived(long first) {
    return Math.max(first, Math.max(openArrived(first), closedArrived(first)));
  }

  private long openArrived(long first) {
    long furthest = stream.isFirstOpen() ? first : 0;
    for (TransportAttempt a = open; a != null; a = a.next) {
      furthest = Math.max(furthest, a.arrived());
    }
    return furthest;
  }

  private long closedArrived(long first) {
    long furthest = stream.isFirstOpen() ? 0 : first;
    furthest = closed == null ? furthest : Math.max(furthest, closed.arrived());
    return folded == null ? furthest : Math.max(furthest, folded.arrived);
  }

  /** Bytes framed for the wire, all attempts but the first together. */
  synchronized long wireOut() {
    long sum = folded == null ? 0 : folded.wireOut;
    sum += closed == null ? 0 : closed.wireOut();
    for (TransportAttempt a = open; a != null; a = a.next) {
      sum += a.wireOut();
    }
    return sum;
  }

  /** Bytes read from the wire, likewise. */
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
  synchronized long retryBytes(long first) {
    if (!replayKnown) {
      return StreamRecorder.UNKNOWN;
    }
    if (!replaying) {
      return 0;
    }
    long furthest = folded == null ? first : Math.max(first, folded.furthestOut);
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
      sum = StreamRecorder.plus(sum, a.transportBytes());
    }
    return sum;
  }

  synchronized long deframerBytes() {
    long sum = StreamRecorder.UNKNOWN;
    for (TransportAttempt a = open; a != null; a = a.next) {
      sum = StreamRecorder.plus(sum, a.deframerBytes());
    }
    return sum;
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
