package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.spi.RetryHook;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BooleanSupplier;

/**
 * One stream, mutable, from its headers to its one end. Born by the wire, counted on by its
 * callbacks, read through {@link StreamSnapshot}.
 *
 * <p>The end may be learnt twice (transport and listener) and even before the start is (grpc-java
 * issue 12118); {@link #start} and {@link #end} settle that between them without a lock: whoever
 * comes last runs the end, exactly once, and always after the start has been told.
 */
public final class StreamRecorder extends StreamNotes implements RetryHook {

  private static final int NEW = 0;
  private static final int STARTING = 1;
  private static final int STARTED = 2;
  private static final int END_PENDING = 3;
  private static final int ENDED = 4;

  private static final int NO_CODE = -1;

  private static final AtomicIntegerFieldUpdater<StreamRecorder> STATE =
      AtomicIntegerFieldUpdater.newUpdater(StreamRecorder.class, "state");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> CODE =
      AtomicIntegerFieldUpdater.newUpdater(StreamRecorder.class, "code");

  /** The lane of everything untagged. */
  public static final String BASELINE = "baseline";

  private final long startNanos;

  private volatile int state;
  private volatile int code = NO_CODE;
  private String description;
  private WatchedMethod method = WatchedMethod.OTHER;
  private volatile WatchedMethod hint = WatchedMethod.OTHER;
  private String lane = BASELINE;

  private StreamTotals totals;
  private volatile long firstMessageNanos = UNKNOWN;
  private volatile boolean told;

  /** Asks gRPC whether the stream may be written to; null until it has started. */
  public BooleanSupplier readiness;

  /** Whether the application's code did not return to the watch; written by the watch's threads. */
  public volatile boolean stuck;

  /** Server: written by the application's thread before gRPC is told. */
  private volatile boolean closing;

  /** Client: written by the thread that cancels, before gRPC is told. */
  private volatile boolean cancelled;

  /**
   * When the stream was over, if that was before its end was told; 0 if not. Written by the end.
   */
  private long overNanos;

  /** Looks in a row in which a cancelled call was seen to be over; used by the watch alone. */
  private int overLooks;

  /** What the watch saw last, written by it alone. */
  private long movement = Long.MIN_VALUE;

  private long queued;

  private volatile long movedNanos;

  /** When the watch looked last; used by it alone. */
  private long lookedNanos;

  /** Null for a stream that has never stood still. */
  private volatile StallState stall;

  // Links of the LiveStreams list this recorder is in; guarded by that list.
  public long id;
  public StreamRecorder previous;
  public StreamRecorder next;

  public StreamRecorder(CallSide side, StreamEnvironment env) {
    super(Objects.requireNonNull(side, "side"), env);
    this.startNanos = env.clock.nanoTime();
    this.movedNanos = startNanos;
    this.lookedNanos = startNanos;
  }

  // ---- life ----------------------------------------------------------------------------------

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
    tellEarly(this);
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
    closeInbound();
    if (stall != null) {
      stall.ended(this, env);
    }
    closeBuffers();
    env.listener.ended(this);
    StreamTotals target = totals;
    if (target != null) {
      drainTo(target);
    }
  }

  /** Before each look: whether the connections of the call's attempts are seen to work. */
  public void lookAtConnections() {
    long before = lookedNanos;
    lookedNanos = env.clock.nanoTime();
    lookAtConnections(before);
  }

  /**
   * For the watch, at each look: how long nothing has moved, nanoseconds.
   *
   * @param applicationDepth of the application's own queues
   * @return {@link #UNKNOWN} if something has moved since the look before
   */
  public long stillNanos(long now, long applicationDepth) {
    long current = movement();
    if (current == movement && applicationDepth == queued) {
      return now - movedNanos;
    }
    movement = current;
    queued = applicationDepth;
    movedNanos = now;
    return UNKNOWN;
  }

  /**
   * The watch has found why the stream stands still.
   *
   * @param cause null if it moves or is merely idle
   */
  public void found(StallCause cause, long now) {
    StallState state = stall;
    if (state == null && cause != null) {
      state = new StallState();
      stall = state;
      if (isEnded()) {
        // The end came before this thread stored the state, and may not have seen it.
        state.ended(this, env);
      }
    }
    if (state != null) {
      state.found(this, env, cause, now);
    }
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

  /** Server: the application or its exception is about to close the call. */
  @CallPath
  public void onClosing() {
    closing = true;
  }

  /** Server: whether the end that comes is this side's own doing. */
  public boolean isClosing() {
    return closing;
  }

  /** Client: the application cancels the call; whether it hears of the end is another matter. */
  @CallPath
  public void onCancelled() {
    cancelled = true;
  }

  @Override
  boolean isCancelled() {
    return cancelled;
  }

  /**
   * For the watch, at each look: whether a call is over whose end will not be told. It was
   * cancelled and no attempt is open, and the application is not in a callback; twice in a row,
   * since gRPC may be about to tell the end.
   */
  public boolean isOverUntold() {
    boolean over = cancelled && !hasOpenAttempt() && handlerDepth() == 0 && !isEnded();
    overLooks = over ? overLooks + 1 : 0;
    return overLooks >= 2;
  }

  /** Ends a call that nothing else will end, with the time and code the transport had. */
  public void endUntold() {
    overNanos = closedNanos();
    end(lastCode(), "abandoned");
  }

  /** Clock reading when the stream was over: now, or earlier where the end is told late. */
  public long endNanos() {
    return overNanos == 0 ? env.clock.nanoTime() : overNanos;
  }

  /** Whether {@link #endNanos} lies before the moment in which the end is told. */
  public boolean isEndedLate() {
    return overNanos != 0;
  }

  /** Whether the stream was made for that gauge. */
  public boolean belongsTo(StreamEnvironment other) {
    return env == other;
  }

  @Override
  void waitedAtLimit(long nanos) {
    env.listener.waitedAtLimit(this, nanos);
  }

  // ---- messages ------------------------------------------------------------------------------

  /** A message leaves the executor and enters the application's callback. */
  @CallPath
  public void onDeliver() {
    long count = countDelivered();
    if (count == 1 && method.type() != CallType.UNARY) {
      firstMessageNanos = env.clock.nanoTime() - startNanos;
      env.listener.firstMessage(this, firstMessageNanos);
    }
    if (env.times(count)) {
      long waited = timer().entered(count, executorKnown() ? allArrived() : -1);
      if (waited >= 0) {
        env.listener.queued(this, waited);
      }
    }
  }

  /** The peer is done; the application's callback for that is entered. */
  @CallPath
  public void onHalfClose() {
    closeInbound();
    countHalfClose();
    MessageTimer timer = knownTimer();
    if (timer != null && side() == CallSide.SERVER && !streamsInbound()) {
      timer.resume();
    }
  }

  /** The application's callback for the message or half-close in hand has returned. */
  @CallPath
  public void onHandled() {
    countHandled();
    MessageTimer timer = knownTimer();
    if (timer != null) {
      if (side() == CallSide.SERVER && !streamsInbound() && !isInboundClosed()) {
        // The stubs only keep the one message of such a call, and act on it at the half-close.
        timer.pause();
        return;
      }
      long held = timer.left();
      if (held >= 0) {
        env.listener.held(this, held);
      }
    }
  }

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

  /** Counts something of the stream's that was refused to stay within bounds. */
  public void refuse(String what) {
    env.listener.refused(this, what);
  }

  /** Tells what became of the stream's lane; {@code detail} is a constant. */
  public void laneEvent(LaneEvent event, String detail) {
    if (told) {
      env.listener.laneEvent(this, event, detail);
    } else {
      // Its lane is not known yet; until the start only one thread is here.
      early(event, detail);
    }
  }

  /** A message with a lane of its own is about to be sent or delivered. */
  public void messageInLane(String lane, String source, boolean inbound) {
    env.listener.messageInLane(this, lane, source, inbound);
  }

  /** Whether this side may receive more than one message. */
  public boolean isInboundStream() {
    return streamsInbound();
  }

  @Override
  boolean streamsInbound() {
    return method.type().streamsInbound(side());
  }

  // ---- facts ---------------------------------------------------------------------------------

  /** {@link WatchedMethod#OTHER} until the method is known. */
  public WatchedMethod method() {
    return method;
  }

  /** The method to count a stream under that ends before anybody claims it. */
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

  /** Clock reading at the birth of the stream, nanoseconds. */
  public long startNanos() {
    return startNanos;
  }

  /** Why the stream stands still, or null while it does not. */
  public StallCause cause() {
    return stall == null ? null : stall.cause();
  }

  /** Clock reading when the watch last saw a counter move, nanoseconds; up to a second late. */
  public long movedNanos() {
    return movedNanos;
  }

  /** The clock of this stream, nanoseconds; what {@link #startNanos} was read from. */
  public long now() {
    return env.clock.nanoTime();
  }

  /** Number of the stream within this process and gauge; 0 until it has started. */
  public long id() {
    return id;
  }

  /** Time the stream has stood still for a cause, finished stalls only, nanoseconds. */
  public long stalledNanos() {
    return stall == null ? 0 : stall.stalledNanos();
  }

  /** From the start to the first message, nanoseconds; {@link #UNKNOWN} before it and for unary. */
  public long firstMessageNanos() {
    return firstMessageNanos;
  }

  /** Numeric gRPC status code; meaningful from the end on. */
  public int code() {
    return code;
  }

  public String description() {
    return description;
  }

  // ---- what other rooms keep on a stream -----------------------------------------------------

  /** Where this stream's counters are folded to; null when its series was refused. */
  public StreamTotals totals() {
    return totals;
  }

  public void totals(StreamTotals totals) {
    this.totals = totals;
  }
}
