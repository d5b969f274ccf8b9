package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.spi.RetryHook;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.BooleanSupplier;

/**
 * One stream while it lives, from its headers to its one end. gRPC's callbacks write it; the watch,
 * scrapes and pages read it from other threads.
 *
 * <p><b>Counts.</b> Each count has a single writer at a time (gRPC serialises the callbacks that
 * write it), so a count is a plain load and an ordered store: no allocation, lock, fence, clock or
 * lookup per message. Readers see values that are whole and at most a moment old. Demand is the
 * exception: {@code request(n)} may come from any thread, so it is one atomic.
 *
 * <p><b>The end.</b> The transport and the listener may both tell it, and even before the start
 * (grpc-java issue 12118). {@link #start} and {@link #end} settle that between them by a
 * compare-and-set: whichever comes last runs the end, exactly once, and always after the start has
 * been told.
 *
 * <p><b>The monitor</b> guards what has been drained, the list of queues and the making of parts
 * that most streams never need. No code of the application runs under it.
 */
public final class StreamRecorder implements RetryHook {

  /** A depth that cannot be known with what is installed; it is left out, never shown as 0. */
  public static final long UNKNOWN = -1;

  /** The lane of everything untagged. */
  public static final String BASELINE = "baseline";

  private static final int NEW = 0;
  private static final int STARTING = 1;
  private static final int STARTED = 2;
  private static final int END_PENDING = 3;
  private static final int ENDED = 4;

  private static final int NO_CODE = -1;

  /** gRPC is asked for its readiness with one send in as many. */
  private static final int ASK_EVERY = 16;

  private static final AtomicIntegerFieldUpdater<StreamRecorder> STATE = ints("state");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> CODE = ints("code");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> ENTERED = ints("entered");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> HANDLED = ints("handled");
  private static final AtomicLongFieldUpdater<StreamRecorder> SENT = longs("sent");
  private static final AtomicLongFieldUpdater<StreamRecorder> DELIVERED = longs("delivered");
  private static final AtomicLongFieldUpdater<StreamRecorder> REQUESTED = longs("requested");
  private static final AtomicLongFieldUpdater<StreamRecorder> ARRIVED = longs("arrived");
  private static final AtomicLongFieldUpdater<StreamRecorder> WIRE_OUT = longs("wireOut");
  private static final AtomicLongFieldUpdater<StreamRecorder> WIRE_IN = longs("wireIn");

  private static AtomicIntegerFieldUpdater<StreamRecorder> ints(String field) {
    return AtomicIntegerFieldUpdater.newUpdater(StreamRecorder.class, field);
  }

  private static AtomicLongFieldUpdater<StreamRecorder> longs(String field) {
    return AtomicLongFieldUpdater.newUpdater(StreamRecorder.class, field);
  }

  private final CallSide side;
  final StreamEnvironment env;
  private final long startNanos;

  // ---- life: written by the threads that start and end the stream ----

  /** Moves on by compare-and-set only; the thread that makes it {@link #ENDED} runs the end. */
  private volatile int state;

  /** The first end sets it by compare-and-set; a later one leaves it alone. */
  private volatile int code = NO_CODE;

  // Plain: between the threads that start and end the stream the compare-and-set of the state
  // orders them; for the watch and scrapes, the monitor of the list of live streams does.
  private String description;
  private WatchedMethod method = WatchedMethod.OTHER;
  private String lane = BASELINE;
  private StreamTotals totals;

  /** Set as soon as the call is known; the thread that ends an unclaimed stream reads it. */
  private volatile WatchedMethod hint = WatchedMethod.OTHER;

  /**
   * Whether the start has been told. The starting thread sets it; any thread with news of the lane
   * reads it. Until it is set only the starting thread has the stream.
   */
  private volatile boolean told;

  /** Set before another thread knows the stream. */
  private boolean traced;

  /**
   * Server: the application's thread sets it before it closes the call; the thread on which gRPC
   * then ends the transport stream reads it.
   */
  private volatile boolean ioFailure;

  /**
   * Client: the thread that cancels sets it before it calls gRPC; the watch reads it, to end a call
   * whose end gRPC never tells. Volatile, or the watch might never see it.
   */
  private volatile boolean cancelled;

  /** Asks gRPC whether the stream may be written to; null until it has started. */
  public BooleanSupplier readiness;

  // ---- messages: each count written by the callback it belongs to ----

  private volatile long sent;
  private volatile long delivered;

  // Only their difference and that they change is of interest: they may wrap around.
  private volatile int entered;
  private volatile int handled;

  /** Messages that are counted in another lane than the stream's; null where there is none. */
  private volatile OtherLaneCounts otherLane;

  /** The callback of the first message writes it, once; scrapes and spans read it. */
  private volatile long firstMessageNanos = UNKNOWN;

  /** Null until the first message that is timed: most calls are shorter. */
  private MessageTimer timer;

  // ---- flow control: the application's threads, gRPC's callbacks and the watch ----

  /** Any thread of the application adds to it; the watch and scrapes read it. */
  private volatile long requested;

  /** Only ever set; see {@link #readyEdge} for its race with an edge of readiness. */
  private volatile boolean outboundClosed;

  /** Only ever set, by the callback of the half-close or by the end; the watch reads it. */
  private volatile boolean inboundClosed;

  /** Null for a stream that was always ready, as most are; there before it is first not. */
  private volatile NotReadyTime notReady;

  private volatile ApplicationQueue.Node queues;

  // ---- wire: a server's transport stream counts here, a client's in its attempts ----

  private volatile long arrived;
  private volatile long wireOut;
  private volatile long wireIn;

  /** Server: null unless hooks inside gRPC tell them; guarded by this object. */
  private TransportBytes bytes;

  /** Client: its transport streams; null on a server, which has one. */
  private final TransportAttempts attempts;

  /** Whether hooks inside gRPC have told anything of bytes. */
  private volatile boolean tellsBytes;

  /** Of the latest attempt; written by the thread that makes its transport stream. */
  private volatile Connection connection;

  // ---- watch ----

  /**
   * Whether the application's code has not returned to the watch. The supervising thread sets it;
   * the thread that comes back from the code clears it; the looking thread reads it and then does
   * not ask the stream. Volatile, because these are different threads.
   */
  public volatile boolean stuck;

  /** Null until the watch has looked at the stream; made by its looking thread. */
  private volatile WatchState watch;

  // ---- totals: what was drained; guarded by this object ----

  private long drainedSent;
  private long drainedReceived;
  private long drainedOut;
  private long drainedIn;

  // ---- state of upper packages: made before the start, by the one thread that has the stream ----

  private ContextSlot contextSlot;
  private TraceSlot traceSlot;
  private TagSlot tagSlot;
  private int headerRoom;

  /** What was told of the lane before the start; null for most calls. */
  private EarlyLaneEvent early;

  // ---- links of the list of live streams, and the number it gave; guarded by that list ----

  public long id;
  public StreamRecorder previous;
  public StreamRecorder next;

  /** A stream that is born now; it has neither method nor lane yet. */
  public StreamRecorder(CallSide side, StreamEnvironment env) {
    this.side = Objects.requireNonNull(side, "side");
    this.env = env;
    this.attempts = side == CallSide.CLIENT ? new TransportAttempts(this) : null;
    this.startNanos = env.clock.nanoTime();
  }

  // ---- life ----------------------------------------------------------------------------------

  /** Which end of the call this process is. */
  public CallSide side() {
    return side;
  }

  /** {@link WatchedMethod#OTHER} until the method is known. */
  public WatchedMethod method() {
    return method;
  }

  /** The method to count a stream under that ends before it is claimed. */
  @CallPath
  public void hint(WatchedMethod method) {
    hint = method;
  }

  /** The raw tag of the call; {@link #BASELINE} unless one was resolved. */
  public String lane() {
    return lane;
  }

  public void lane(String lane) {
    this.lane = lane;
  }

  /** A stream tracer watches the wire, so the stages before the application are known. */
  @CallPath
  public void traced() {
    traced = true;
  }

  /** Whether the stream was made for that gauge. */
  public boolean belongsTo(StreamEnvironment other) {
    return env == other;
  }

  /**
   * Takes the right to start the stream; an end that comes from now on waits for {@link #start}.
   *
   * @param method what is called
   * @return false if the stream had started or ended before; the caller then leaves it alone
   */
  @CallPath
  public boolean claim(WatchedMethod method) {
    if (!STATE.compareAndSet(this, NEW, STARTING)) {
      return false;
    }
    this.method = method;
    return true;
  }

  /** Tells the start of a claimed stream, and its end if that has come meanwhile. */
  @CallPath
  public void start(BooleanSupplier readiness) {
    this.readiness = readiness;
    env.listener.started(this);
    told = true;
    tellEarly();
    if (!STATE.compareAndSet(this, STARTING, STARTED)) {
      finish();
    }
  }

  /**
   * Tells the end; calls after the first are ignored.
   *
   * @param code numeric gRPC status code, 0 to 16
   * @param description the status description, or null
   */
  public void end(int code, String description) {
    end(code, description, null);
  }

  /**
   * As {@link #end(int, String)}.
   *
   * @param unstarted run first if the stream ends before it has started; null for nothing
   */
  @CallPath
  public void end(int code, String description, Runnable unstarted) {
    if (!CODE.compareAndSet(this, NO_CODE, code)) {
      return;
    }
    this.description = description;
    if (claim(hint)) {
      if (unstarted != null) {
        unstarted.run();
      }
      env.listener.started(this);
      finish();
    } else if (!STATE.compareAndSet(this, STARTING, END_PENDING)) {
      finish();
    }
  }

  private void finish() {
    STATE.set(this, ENDED);
    onOutboundClosed();
    inboundClosed = true;
    WatchState seen = watch;
    if (seen != null) {
      seen.ended(this, env);
    }
    closeQueues();
    env.listener.ended(this);
    settle();
  }

  /** Folds counts that came after the end; call when the application's last callback is over. */
  @CallPath
  public void settle() {
    StreamTotals target = totals;
    if (target != null) {
      drainTo(target);
    }
  }

  @CallPath
  public boolean isNew() {
    return state == NEW;
  }

  public boolean isEnded() {
    return state == ENDED;
  }

  /** Server: the application is about to close the call because of an input or output failure. */
  public void onIoFailure() {
    ioFailure = true;
  }

  /** Server: whether an end by an input or output failure is the application's own doing. */
  public boolean isIoFailure() {
    return ioFailure;
  }

  /** Client: the application cancels the call; it may never hear of the end. */
  @CallPath
  public void onCancelled() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Ends a call that nothing else will end, with the time and code the transport had. */
  public void endUntold() {
    watch().overNanos = attempts == null ? 0 : attempts.closedNanos();
    end(lastCode(), "abandoned");
  }

  /** Clock reading when the stream was over: now, or earlier where the end is told late. */
  public long endNanos() {
    return isEndedLate() ? watch.overNanos : now();
  }

  /** Whether {@link #endNanos} lies before the moment in which the end is told. */
  public boolean isEndedLate() {
    WatchState seen = watch;
    return seen != null && seen.overNanos != 0;
  }

  /** Numeric gRPC status code; meaningful from the end on. */
  public int code() {
    return code;
  }

  public String description() {
    return description;
  }

  /** Number of the stream within this process and gauge; 0 until it has started. */
  public long id() {
    return id;
  }

  /** Clock reading at the birth of the stream, nanoseconds. */
  public long startNanos() {
    return startNanos;
  }

  /** The clock of this stream, nanoseconds; what {@link #startNanos} was read from. */
  public long now() {
    return env.clock.nanoTime();
  }

  // ---- messages ------------------------------------------------------------------------------

  /**
   * The application is sending a message. Called before gRPC is, so a depth is never negative.
   *
   * @return true when it is time to ask gRPC for its readiness and tell {@link #ready}
   */
  @CallPath
  public boolean onSend() {
    long count = sent + 1;
    SENT.lazySet(this, count);
    NotReadyTime time = notReady;
    if (time != null && time.isNow()) {
      time.ignore();
    }
    return (count & (ASK_EVERY - 1)) == 0;
  }

  /** A message leaves the executor and enters the application's callback. */
  @CallPath
  public void onDeliver() {
    long count = delivered + 1;
    DELIVERED.lazySet(this, count);
    ENTERED.lazySet(this, entered + 1);
    if (count == 1 && method.type() != CallType.UNARY) {
      firstMessageNanos = now() - startNanos;
      env.listener.firstMessage(this, firstMessageNanos);
    }
    if (env.times(count)) {
      long waited = timer().entered(count, traced ? allArrived() : -1);
      if (waited >= 0) {
        env.listener.queued(this, waited);
      }
    }
  }

  /** The peer is done; the application's callback for that is entered. */
  @CallPath
  public void onHalfClose() {
    inboundClosed = true;
    // Stubs run unary handlers in there.
    ENTERED.lazySet(this, entered + 1);
    MessageTimer known = timer;
    if (known != null && side == CallSide.SERVER && !isInboundStream()) {
      known.resume();
    }
  }

  /** The application's callback for the message or half-close in hand has returned. */
  @CallPath
  public void onHandled() {
    HANDLED.lazySet(this, handled + 1);
    MessageTimer known = timer;
    if (known == null) {
      return;
    }
    if (side == CallSide.SERVER && !isInboundStream() && !inboundClosed) {
      // The stubs only keep the one message of such a call, and act on it at the half-close.
      known.pause();
      return;
    }
    long held = known.left();
    if (held >= 0) {
      env.listener.held(this, held);
    }
  }

  /** Made with the first message that is timed. */
  MessageTimer timer() {
    MessageTimer known = timer;
    return known == null ? makeTimer() : known;
  }

  private synchronized MessageTimer makeTimer() {
    if (timer == null) {
      timer = new MessageTimer(env);
    }
    return timer;
  }

  /** Messages the application has sent. */
  public long sent() {
    return sent;
  }

  /** Messages delivered to the application. */
  public long received() {
    return delivered;
  }

  /** From the start to the first message, nanoseconds; {@link #UNKNOWN} before it and for unary. */
  public long firstMessageNanos() {
    return firstMessageNanos;
  }

  /** Whether this side may receive more than one message. */
  public boolean isInboundStream() {
    return method.type().streamsInbound(side);
  }

  /** 1 while the application is inside a callback that carries work, otherwise 0. */
  public long handlerDepth() {
    int left = handled;
    return Math.min(1, Math.max(0, entered - left));
  }

  // ---- flow control --------------------------------------------------------------------------
  //
  // Readiness is a plain flag between the moments gRPC is asked: the application's own isReady,
  // onReady, one send in 16 and the 1 Hz watch. So a stream that is not ready for less than a
  // second, and whose application never asks, may go unnoticed. The clock is read only at the
  // edges between ready and not ready.

  /** The application asks for messages; any thread. */
  @CallPath
  public void onRequest(int messages) {
    if (messages > 0) {
      REQUESTED.addAndGet(this, messages);
    }
  }

  /** What gRPC said, just now, to whether the stream may be written to. */
  @CallPath
  public void ready(boolean ready) {
    // Before the first message nothing is pending, and after the last gRPC always says no.
    boolean nowNotReady = !ready && !outboundClosed && sent > 0;
    if (nowNotReady != isNotReady()) {
      readyEdge(nowNotReady);
    }
  }

  private void readyEdge(boolean nowNotReady) {
    NotReadyTime time = notReady == null ? makeNotReady() : notReady;
    if (!nowNotReady) {
      time.end(env.clock);
      return;
    }
    time.begin(env.clock);
    if (outboundClosed) {
      // onOutboundClosed may race with this edge. It stores the flag and then reads the time; this
      // thread stores the time and then reads the flag. So one of the two ends it.
      time.end(env.clock);
    }
  }

  private synchronized NotReadyTime makeNotReady() {
    if (notReady == null) {
      notReady = new NotReadyTime();
    }
    return notReady;
  }

  /** The application will send nothing more. */
  @CallPath
  public void onOutboundClosed() {
    if (!outboundClosed) {
      outboundClosed = true;
    }
    ready(true);
  }

  /** Whether the stream is not writable while writes are pending. */
  public boolean isNotReady() {
    NotReadyTime time = notReady;
    return time != null && time.isNow();
  }

  /** Whether gRPC's readiness still says something about this stream. */
  public boolean mayWrite() {
    return !outboundClosed && sent > 0;
  }

  /** Messages asked for and not delivered yet; 0 once the peer is done, and for single messages. */
  public long demand() {
    return expectsMessages() ? Math.max(0, requested - delivered) : 0;
  }

  /** The application has had everything it asked for, though the peer may have more. */
  public boolean wantsNothing() {
    return expectsMessages() && requested <= delivered;
  }

  private boolean expectsMessages() {
    return !inboundClosed && isInboundStream();
  }

  /** Time not writable with writes pending, so far, nanoseconds. */
  public long blockedNanos() {
    NotReadyTime time = notReady;
    return time == null ? 0 : time.nanos(env.clock);
  }

  /** Messages sent while not writable: flow control ignored. */
  public long ignored() {
    NotReadyTime time = notReady;
    return time == null ? 0 : time.ignored();
  }

  // ---- the application's own queues ----------------------------------------------------------

  /** Adds a queue of the application's; one too many is closed and counted as refused. */
  public void addQueue(ApplicationQueue queue) {
    if (isEnded() || !attach(queue)) {
      queue.close();
      refuse("buffer");
    } else if (isEnded()) {
      // The end has come meanwhile and may have closed the queues before this one was there.
      queue.close();
    }
  }

  /** False if the stream has too many open ones already. */
  private synchronized boolean attach(ApplicationQueue queue) {
    ApplicationQueue.Node open = ApplicationQueue.Node.open(queues);
    int count = 0;
    for (ApplicationQueue.Node node = open; node != null; node = node.next) {
      count++;
    }
    if (count >= ApplicationQueue.MAX_PER_STREAM) {
      return false;
    }
    queues = new ApplicationQueue.Node(queue, open);
    return true;
  }

  /** Asks the application's own queues; its code runs on this thread, and may not return. */
  public void askQueues() {
    for (ApplicationQueue.Node node = queues; node != null; node = node.next) {
      node.queue.ask(env.guard);
    }
  }

  private void closeQueues() {
    for (ApplicationQueue.Node node = queues; node != null; node = node.next) {
      node.queue.close();
    }
  }

  /**
   * Messages in the application's own queues, as the watch was told last; {@link #UNKNOWN} if it
   * registered none or none was asked yet.
   */
  public long applicationDepth() {
    long depth = UNKNOWN;
    for (ApplicationQueue.Node node = queues; node != null; node = node.next) {
      int told = node.queue.depth();
      if (told >= 0) {
        depth = Math.max(0, depth) + told;
      }
    }
    return depth;
  }

  // ---- wire ----------------------------------------------------------------------------------

  /** Server: a message was read from the wire and handed towards the application's thread. */
  @CallPath
  public void onArrived() {
    long count = arrived + 1;
    if (env.times(count)) {
      timer().arrived(count);
    }
    ARRIVED.lazySet(this, count);
  }

  /** Server: bytes framed for the wire. */
  @CallPath(bytes = true)
  public void onWireOut(long bytes) {
    WIRE_OUT.lazySet(this, wireOut + bytes);
  }

  /** Server: bytes read from the wire. */
  @CallPath(bytes = true)
  public void onWireIn(long bytes) {
    WIRE_IN.lazySet(this, wireIn + bytes);
  }

  /** Client: a new attempt (the first, a retry or a hedge) is about to have a stream. */
  @CallPath
  public TransportAttempt openAttempt() {
    return attempts.open();
  }

  /**
   * Client: the attempt's transport stream is closed; calls after the first are ignored. What the
   * attempt had reached still counts.
   */
  @CallPath
  public void closeAttempt(TransportAttempt attempt, int code) {
    long waited = attempts.close(attempt, code);
    if (waited > 0) {
      waitedAtLimit(waited);
    }
  }

  /** Client: the headers waited that long for the peer's limit of concurrent streams. */
  void waitedAtLimit(long nanos) {
    env.listener.waitedAtLimit(this, nanos);
  }

  /** The connection the stream is on, of a client's call that of its latest attempt; or null. */
  public Connection connection() {
    return connection;
  }

  public void connection(Connection connection) {
    this.connection = connection;
  }

  /** Client: whether an attempt has a transport stream, or is about to have one. */
  public boolean hasOpenAttempt() {
    return attempts != null && attempts.hasOpen();
  }

  /** Client: whether an attempt has been on the wire and none is any more. */
  public boolean isOffTheWire() {
    return attempts != null && attempts.isOffTheWire();
  }

  /** How the last attempt that closed ended; for a stream without one, as one that is cancelled. */
  int lastCode() {
    return attempts == null ? StatusCodes.CANCELLED : attempts.lastCode();
  }

  /** Client: whether the headers of the call have a transport stream and do not leave. */
  public boolean isHeldBack() {
    return attempts != null && attempts.isHeldBack();
  }

  /** Client: whether it is the peer's limit of concurrent streams that holds the headers back. */
  public boolean isAtLimit() {
    return attempts != null && attempts.isAtLimit();
  }

  /** Client: messages in a transport stream whose headers have not left. */
  public long limitDepth() {
    return attempts == null ? 0 : attempts.limitDepth();
  }

  /** Whether {@link #connectDepth()} is a measurement. */
  public boolean connectKnown() {
    return traced && attempts != null;
  }

  /** Whether {@link #executorDepth()} and the wire bytes are measurements. */
  @CallPath
  public boolean executorKnown() {
    return traced;
  }

  /**
   * Client: messages no attempt has a transport stream for; the furthest attempt decides. {@link
   * #UNKNOWN} where that cannot be known.
   */
  public long connectDepth() {
    if (!connectKnown()) {
      return UNKNOWN;
    }
    // Read before what is framed: a message in between may be missed, never counted as minus one.
    long count = sent;
    return Math.max(0, count - attempts.framed());
  }

  /** Messages read off the wire that the application's thread has not been given yet. */
  public long executorDepth() {
    if (!traced) {
      return UNKNOWN;
    }
    // Read before arrivals are: a message in between may be missed, never counted as minus one.
    long given = delivered;
    return Math.max(0, allArrived() - given);
  }

  private long allArrived() {
    return attempts == null ? arrived : attempts.arrived();
  }

  /** Bytes framed for the wire, all attempts together. */
  public long wireOut() {
    return attempts == null ? wireOut : attempts.wireOut();
  }

  /** Bytes read from the wire, all attempts together. */
  public long wireIn() {
    return attempts == null ? wireIn : attempts.wireIn();
  }

  // ---- bytes that only hooks inside gRPC see -------------------------------------------------

  /**
   * Where the bytes that wait on a transport stream are told.
   *
   * @param attempt the client's transport stream; null for the server's
   */
  public TransportBytes openBytes(TransportAttempt attempt) {
    tellsBytes = true;
    return attempt == null ? serverBytes() : attempts.bytesOf(attempt);
  }

  private synchronized TransportBytes serverBytes() {
    if (bytes == null) {
      bytes = new TransportBytes();
    }
    return bytes;
  }

  private synchronized TransportBytes knownServerBytes() {
    return bytes;
  }

  /** Whether any of the depths in bytes is, or was, a measurement. */
  public boolean tellsBytes() {
    return tellsBytes;
  }

  @Override
  public void onReplayBegun() {
    if (attempts != null) {
      tellsBytes = true;
      attempts.replaying(true);
    }
  }

  @Override
  public void onReplayOver() {
    if (attempts != null) {
      attempts.replaying(false);
    }
  }

  /** Whether {@link #transportBytes()} is, or was in an earlier attempt, a measurement. */
  public boolean transportKnown() {
    return tellsBytes
        && (attempts == null ? transportBytes() != UNKNOWN : attempts.transportKnown());
  }

  public boolean deframerKnown() {
    return tellsBytes && (attempts == null ? deframerBytes() != UNKNOWN : attempts.deframerKnown());
  }

  public boolean replayKnown() {
    return attempts != null && attempts.replayKnown();
  }

  /** Bytes framed and not written to the socket yet, or {@link #UNKNOWN}. */
  public long transportBytes() {
    if (attempts != null) {
      return attempts.transportBytes();
    }
    TransportBytes told = knownServerBytes();
    return told == null ? UNKNOWN : told.transport();
  }

  /** Bytes that have arrived and the application has not asked for, or {@link #UNKNOWN}. */
  public long deframerBytes() {
    if (attempts != null) {
      return attempts.deframerBytes();
    }
    TransportBytes told = knownServerBytes();
    return told == null ? UNKNOWN : told.deframer();
  }

  /** Client: bytes of sent messages that gRPC keeps for a retry, or {@link #UNKNOWN}. */
  public long retryBytes() {
    return attempts == null ? UNKNOWN : attempts.retryBytes();
  }

  // ---- the watch -----------------------------------------------------------------------------

  /** Changes whenever any count does; counts only rise, so an equal sum means no movement. */
  private long movement() {
    long counts = sent + delivered + entered + handled;
    if (attempts != null) {
      counts += attempts.everArrived() + attempts.framed() + attempts.wireOut() + attempts.wireIn();
      return tellsBytes ? counts + attempts.writtenBytes() : counts;
    }
    TransportBytes told = tellsBytes ? knownServerBytes() : null;
    return counts + arrived + wireOut + wireIn + (told == null ? 0 : told.written());
  }

  /**
   * At each look: how long nothing has moved, nanoseconds.
   *
   * @param applicationDepth of the application's own queues
   * @return {@link #UNKNOWN} if something has moved since the look before
   */
  public long stillNanos(long now, long applicationDepth) {
    return watch().still(movement(), applicationDepth, now);
  }

  /** What the watch keeps, made at its first look. */
  private WatchState watch() {
    WatchState known = watch;
    return known == null ? makeWatch() : known;
  }

  private WatchState makeWatch() {
    WatchState made;
    synchronized (this) {
      if (watch != null) {
        return watch;
      }
      made = new WatchState(startNanos);
      watch = made;
    }
    if (isEnded()) {
      // The thread that ends the stream stores its state and then reads the watch's; this thread
      // stores the watch's and then reads the stream's. So one of the two tells the watch's.
      made.ended(this, env);
    }
    return made;
  }

  /** Clock reading when the watch last saw a count move, nanoseconds; up to a second late. */
  public long movedNanos() {
    WatchState seen = watch;
    return seen == null ? startNanos : seen.movedNanos();
  }

  /**
   * The watch has found why the stream stands still.
   *
   * @param cause null if it moves or is merely idle
   */
  public void found(StallCause cause, long now) {
    watch().found(this, env, cause, now);
  }

  /** Why the stream stands still, or null while it does not. */
  public StallCause cause() {
    WatchState seen = watch;
    return seen == null ? null : seen.cause();
  }

  /** Time the stream has stood still for a cause, finished stalls only, nanoseconds. */
  public long stalledNanos() {
    WatchState seen = watch;
    return seen == null ? 0 : seen.stalledNanos();
  }

  /** Client: before each look, whether the connections of the call's attempts are seen to work. */
  public void lookAtConnections() {
    if (attempts != null) {
      attempts.look(watch().look(now()));
    }
  }

  /**
   * At each look: whether a call is over whose end will not be told. It was cancelled and no
   * attempt is open, and the application is not in a callback; twice in a row, since gRPC may be
   * about to tell the end.
   */
  public boolean isOverUntold() {
    return watch().isOver(cancelled && !hasOpenAttempt() && handlerDepth() == 0 && !isEnded());
  }

  // ---- totals and lanes ----------------------------------------------------------------------

  /** Where this stream's counts are folded to; null when its series was refused. */
  public StreamTotals totals() {
    return totals;
  }

  public void totals(StreamTotals totals) {
    this.totals = totals;
  }

  /** Moves what was counted since the last drain into {@code totals}; any thread, any time. */
  @CallPath
  private synchronized void drainTo(StreamTotals totals) {
    // Never back: a message may be counted in another lane a moment before it is counted at all.
    OtherLaneCounts others = otherLane;
    long sentHere = Math.max(drainedSent, others == null ? sent : sent - others.sent());
    long receivedHere =
        Math.max(drainedReceived, others == null ? delivered : delivered - others.delivered());
    if (sentHere != drainedSent || receivedHere != drainedReceived) {
      totals.messages(sentHere - drainedSent, receivedHere - drainedReceived);
      drainedSent = sentHere;
      drainedReceived = receivedHere;
    }
    long out = wireOut();
    long in = wireIn();
    if (out != drainedOut || in != drainedIn) {
      totals.wireBytes(out - drainedOut, in - drainedIn);
      drainedOut = out;
      drainedIn = in;
    }
    NotReadyTime time = notReady;
    if (time == null) {
      return;
    }
    long nanos = Math.max(time.drainedNanos, time.nanos(env.clock));
    long ignored = time.ignored();
    if (nanos != time.drainedNanos || ignored != time.drainedIgnored) {
      totals.blocked(nanos - time.drainedNanos, ignored - time.drainedIgnored);
      time.drainedNanos = nanos;
      time.drainedIgnored = ignored;
    }
  }

  /**
   * A message about to be counted belongs to another lane's series; called before it is, so that no
   * reader ever sees it in both.
   */
  public void countInOtherLane(boolean inbound) {
    OtherLaneCounts counts = otherLane;
    (counts == null ? makeOtherLane() : counts).count(inbound);
  }

  private synchronized OtherLaneCounts makeOtherLane() {
    if (otherLane == null) {
      otherLane = new OtherLaneCounts();
    }
    return otherLane;
  }

  /** Counts something of the stream's that was refused to stay within bounds. */
  public void refuse(String what) {
    env.listener.refused(this, what);
  }

  /** Tells what became of the stream's lane; {@code detail} is a constant. */
  public void laneEvent(LaneEvent event, String detail) {
    if (told) {
      env.listener.laneEvent(this, event, detail);
      return;
    }
    // The lane is not known yet; until the start only one thread is here.
    EarlyLaneEvent now = new EarlyLaneEvent(event, detail);
    if (early == null) {
      early = now;
    } else {
      early.append(now);
    }
  }

  private void tellEarly() {
    for (EarlyLaneEvent each = early; each != null; each = each.next) {
      env.listener.laneEvent(this, each.event, each.detail);
    }
    early = null;
  }

  /** What became of the lane before the start; a list through its elements. */
  private static final class EarlyLaneEvent {
    final LaneEvent event;
    final String detail;
    private EarlyLaneEvent next;

    EarlyLaneEvent(LaneEvent event, String detail) {
      this.event = event;
      this.detail = detail;
    }

    void append(EarlyLaneEvent later) {
      EarlyLaneEvent last = this;
      while (last.next != null) {
        last = last.next;
      }
      last.next = later;
    }
  }

  /** A message with a lane of its own is about to be sent or delivered. */
  public void messageInLane(String lane, String source, boolean inbound) {
    env.listener.messageInLane(this, lane, source, inbound);
  }

  // ---- state of upper packages ---------------------------------------------------------------

  /** Null while nothing is kept there; the same for the other slots. */
  @CallPath
  public ContextSlot contextSlot() {
    return contextSlot;
  }

  public void contextSlot(ContextSlot state) {
    contextSlot = state;
  }

  @CallPath
  public TraceSlot traceSlot() {
    return traceSlot;
  }

  public void traceSlot(TraceSlot state) {
    traceSlot = state;
  }

  @CallPath
  public TagSlot tagSlot() {
    return tagSlot;
  }

  public void tagSlot(TagSlot state) {
    tagSlot = state;
  }

  /** Client: bytes left beside the application's headers; at 0 or below ours are not sent. */
  public int headerRoom() {
    return headerRoom;
  }

  public void headerRoom(int bytes) {
    headerRoom = bytes;
  }

  /** 32 hex digits, or null when the stream has no trace. */
  public String traceId() {
    return traceSlot == null ? null : traceSlot.traceId();
  }

  /** 16 hex digits, or null when the stream has no trace. */
  public String spanId() {
    return traceSlot == null ? null : traceSlot.spanId();
  }

  /** Whether the trace is recorded; a link to one that is not shows nothing. */
  public boolean sampled() {
    return traceSlot != null && traceSlot.isSampled();
  }
}
