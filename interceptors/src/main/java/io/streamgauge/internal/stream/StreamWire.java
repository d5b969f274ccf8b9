package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.internal.guard.CallPath;
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
  private static final int CANCELLED = 1;

  private final CallSide side;
  final StreamEnvironment env;

  /** Null until the first message that is timed: most calls are shorter. */
  private MessageTimer timer;

  private volatile long arrived;
  private volatile long wireOut;
  private volatile long wireIn;

  /** The open attempts. */
  private TransportAttempt attempts;

  /** The first attempt that closed; what it had reached still counts. */
  private TransportAttempt closed;

  /** What further ones came to; null for most calls. */
  private FoldedAttempts folded;

  private int lastCode = NOT_CLOSED;

  /** Client: when the last attempt of a cancelled call closed; 0 before. */
  private long closedNanos;

  private TransportBytes bytes;
  private boolean replayKnown;
  private boolean replaying;
  private volatile boolean tellsBytes;

  /** Of the latest attempt; written by the thread that makes its transport stream. */
  private volatile Connection connection;

  StreamWire(CallSide side, StreamEnvironment env) {
    this.side = side;
    this.env = env;
  }

  /** Which end of the call this process is. */
  public final CallSide side() {
    return side;
  }

  // ---- written per message -------------------------------------------------------------------

  /** Server: a message was read from the wire and handed towards the application's thread. */
  @CallPath
  public final void onArrived() {
    long count = arrived + 1;
    if (env.times(count)) {
      timer().arrived(count);
    }
    ARRIVED.lazySet(this, count);
  }

  /** Server: bytes framed for the wire. */
  @CallPath(bytes = true)
  public final void onWireOut(long bytes) {
    WIRE_OUT.lazySet(this, wireOut + bytes);
  }

  /** Server: bytes read from the wire. */
  @CallPath(bytes = true)
  public final void onWireIn(long bytes) {
    WIRE_IN.lazySet(this, wireIn + bytes);
  }

  /** Made with the first message that is timed. */
  final MessageTimer timer() {
    MessageTimer known = timer;
    return known == null ? makeTimer() : known;
  }

  /** Null while no message was timed. */
  final MessageTimer knownTimer() {
    return timer;
  }

  private synchronized MessageTimer makeTimer() {
    if (timer == null) {
      timer = new MessageTimer(env);
    }
    return timer;
  }

  /** The connection the stream is on, of a client's call that of its latest attempt; or null. */
  public final Connection connection() {
    return connection;
  }

  public final void connection(Connection connection) {
    this.connection = connection;
  }

  // ---- attempts ------------------------------------------------------------------------------

  /** Client: a new attempt (the first, a retry or a hedge) is about to have a stream. */
  @CallPath
  public final synchronized TransportAttempt openAttempt() {
    TransportAttempt attempt = new TransportAttempt(this);
    attempt.next = attempts;
    attempts = attempt;
    return attempt;
  }

  /**
   * Client: the attempt's transport stream is closed; calls after the first are ignored. What the
   * attempt had reached still counts.
   */
  @CallPath
  public final void closeAttempt(TransportAttempt attempt, int code) {
    long waited = remove(attempt, code);
    if (waited > 0) {
      waitedAtLimit(waited);
    }
  }

  private synchronized long remove(TransportAttempt attempt, int code) {
    TransportAttempt before = null;
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      if (a == attempt) {
        if (before == null) {
          attempts = a.next;
        } else {
          before.next = a.next;
        }
        a.next = null;
        lastCode = code;
        if (isCancelled()) {
          closedNanos = env.clock.nanoTime();
        }
        keep(a);
        return a.closed(code);
      }
      before = a;
    }
    return 0;
  }

  /**
   * Client: an attempt that has a transport stream whose headers have not left, while no other
   * attempt is on its way; null if there is none.
   */
  private TransportAttempt heldBack() {
    TransportAttempt held = null;
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      if (a.isHeldBack()) {
        held = a;
      } else if (a.connection() != null) {
        return null;
      }
    }
    return held;
  }

  /** Client: whether the headers of the call have a transport stream and do not leave. */
  public final synchronized boolean isHeldBack() {
    return heldBack() != null;
  }

  /** Client: whether it is the peer's limit of concurrent streams that holds the headers back. */
  public final synchronized boolean isAtLimit() {
    TransportAttempt held = heldBack();
    return held != null && held.isAtLimit(env.clock.nanoTime());
  }

  /** Client: messages in a transport stream whose headers have not left. */
  public final synchronized long limitDepth() {
    TransportAttempt held = heldBack();
    return held == null ? 0 : held.framed();
  }

  /**
   * For the watch, at each look: what the attempts show of their connections.
   *
   * @param lookedNanos when it looked last
   */
  final void lookAtConnections(long lookedNanos) {
    TransportAttempt held;
    synchronized (this) {
      for (TransportAttempt a = attempts; a != null; a = a.next) {
        a.look(lookedNanos);
      }
      held = heldBack();
    }
    // Outside the monitor: a transport without a thread of its own runs it here, under its lock.
    if (held != null && held.bytes != null) {
      Connection on = held.connection();
      held.bytes.probe(() -> on.answered(env.clock.nanoTime()));
    }
  }

  /** Client: the headers waited that long for the peer's limit of concurrent streams. */
  abstract void waitedAtLimit(long nanos);

  /** Client: whether the application has cancelled the call. */
  abstract boolean isCancelled();

  /** Client: when the transport was done with a cancelled call; 0 if that is not known. */
  final synchronized long closedNanos() {
    return closedNanos;
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

  /** Whether an attempt has been on the wire and none is any more. */
  public final synchronized boolean isOffTheWire() {
    return attempts == null && lastCode != NOT_CLOSED;
  }

  public final synchronized boolean hasOpenAttempt() {
    return attempts != null;
  }

  /** How the last attempt that closed ended; for a call that had none, as one that is cancelled. */
  final synchronized int lastCode() {
    return lastCode == NOT_CLOSED ? CANCELLED : lastCode;
  }

  final long furthestFramed() {
    long furthest = folded == null ? 0 : folded.framed;
    if (closed != null) {
      furthest = Math.max(furthest, closed.framed());
    }
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.framed());
    }
    return furthest;
  }

  /** Arrivals of the attempts still open; of the closed ones only once none is. */
  final synchronized long allArrived() {
    long furthest = arrived;
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.arrived());
    }
    // A hedge that lost may have read more than the winner; nobody will ever be given that.
    return attempts == null ? Math.max(furthest, closedArrived()) : furthest;
  }

  private long closedArrived() {
    long furthest = closed == null ? 0 : closed.arrived();
    return folded == null ? furthest : Math.max(furthest, folded.arrived);
  }

  // ---- bytes that only bytecode sees ---------------------------------------------------------

  /** The cell for a transport stream's waiting bytes; whoever asks for it writes it. */
  public final synchronized TransportBytes openBytes(TransportAttempt attempt) {
    TransportBytes known = attempt == null ? bytes : attempt.bytes;
    if (known != null) {
      return known;
    }
    TransportBytes made = new TransportBytes();
    tellsBytes = true;
    if (attempt == null) {
      bytes = made;
    } else {
      attempt.bytes = made;
    }
    return made;
  }

  /** Whether any of the depths in bytes is, or was, a measurement. */
  public final boolean tellsBytes() {
    return tellsBytes;
  }

  /** Client: from now on gRPC keeps a copy of what is sent, in case it must send it again. */
  public final synchronized void onReplayBegun() {
    tellsBytes = true;
    replayKnown = true;
    replaying = true;
  }

  /** Client: an attempt was settled on; the copy is gone. */
  public final synchronized void onReplayOver() {
    replaying = false;
  }

  /** Whether {@link #transportBytes()} is, or was in an earlier attempt, a measurement. */
  public final synchronized boolean transportKnown() {
    return tellsBytes
        && (transportBytes() != UNKNOWN
            || (closed != null && waiting(closed, true) != UNKNOWN)
            || (folded != null && folded.transportKnown));
  }

  public final synchronized boolean deframerKnown() {
    return tellsBytes
        && (deframerBytes() != UNKNOWN
            || (closed != null && waiting(closed, false) != UNKNOWN)
            || (folded != null && folded.deframerKnown));
  }

  private static long waiting(TransportAttempt attempt, boolean transport) {
    TransportBytes told = attempt.bytes;
    return told == null ? UNKNOWN : transport ? told.transport() : told.deframer();
  }

  public final synchronized boolean replayKnown() {
    return replayKnown;
  }

  /** Bytes framed and not written to the socket yet, or {@link #UNKNOWN}. */
  public final synchronized long transportBytes() {
    long sum = bytes == null ? UNKNOWN : bytes.transport();
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      sum = plus(sum, waiting(a, true));
    }
    return sum;
  }

  /** Bytes that have arrived and the application has not asked for, or {@link #UNKNOWN}. */
  public final synchronized long deframerBytes() {
    long sum = bytes == null ? UNKNOWN : bytes.deframer();
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      sum = plus(sum, waiting(a, false));
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
    long furthest = folded == null ? 0 : folded.furthestOut;
    if (closed != null) {
      furthest = Math.max(furthest, closed.wireOut());
    }
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      furthest = Math.max(furthest, a.wireOut());
    }
    return furthest;
  }

  private static long plus(long sum, long more) {
    return more == UNKNOWN ? sum : Math.max(0, sum) + more;
  }

  /** Bytes that have left for the socket; only rises. */
  final long writtenBytes() {
    if (!tellsBytes) {
      return 0;
    }
    long written = bytes == null ? 0 : bytes.written();
    written += folded == null ? 0 : folded.written;
    written += closed == null || closed.bytes == null ? 0 : closed.bytes.written();
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      written += a.bytes == null ? 0 : a.bytes.written();
    }
    return written;
  }

  // ---- read ----------------------------------------------------------------------------------

  /** Bytes framed for the wire, all attempts together. */
  public final synchronized long wireOut() {
    return sumOut();
  }

  /** Bytes read from the wire, all attempts together. */
  public final synchronized long wireIn() {
    return sumIn();
  }

  final long sumOut() {
    long sum = wireOut + (folded == null ? 0 : folded.wireOut);
    sum += closed == null ? 0 : closed.wireOut();
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      sum += a.wireOut();
    }
    return sum;
  }

  final long sumIn() {
    long sum = wireIn + (folded == null ? 0 : folded.wireIn);
    sum += closed == null ? 0 : closed.wireIn();
    for (TransportAttempt a = attempts; a != null; a = a.next) {
      sum += a.wireIn();
    }
    return sum;
  }

  /** Changes whenever something moves on the wire; each part only rises. */
  final synchronized long wireMovement() {
    return Math.max(allArrived(), closedArrived())
        + furthestFramed()
        + wireOut()
        + wireIn()
        + writtenBytes();
  }
}
