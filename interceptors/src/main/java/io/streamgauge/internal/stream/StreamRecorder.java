package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.spi.RetryHook;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.BooleanSupplier;

/**
 * One stream while it lives, from its headers to its one end. gRPC's callbacks write it; the watch,
 * scrapes and pages read it from other threads.
 *
 * <p><b>Two sizes.</b> Most calls are short, have one message each way and end well. What such a
 * call needs is here, 72 bytes; anything else is in {@link LongStream}, which a stream of more than
 * one message has from its start.
 *
 * <p><b>Counts.</b> Each count has a single writer at a time (gRPC serialises the callbacks that
 * write it), so a count is a plain load and an ordered store: no allocation, lock, fence, clock or
 * lookup per message. Readers see values that are whole and at most a moment old. Demand is the
 * exception: {@code request(n)} may come from any thread, so it is one atomic.
 *
 * <p><b>The end.</b> The transport and the listener may both tell it, and even before the start
 * (grpc-java issue 12118). {@link #start} and {@link #end} settle that between them by a
 * compare-and-set of {@link #state}: whichever comes last runs the end, exactly once, and always
 * after the start has been told.
 *
 * <p><b>A clean end</b> is that of a unary call with status OK and one message each way which no
 * reader has found open. It is one event from which started, handled, sent and received follow, so
 * a stream that is {@link #seen} must never end so: what a reader had drained of it would count
 * twice.
 *
 * <p><b>The monitor</b> guards what has been drained, the list of queues and the making of parts
 * that most streams never need. No code of the application runs under it.
 */
public final class StreamRecorder implements RetryHook {

  /** A depth that cannot be known with what is installed; it is left out, never shown as 0. */
  public static final long UNKNOWN = -1;

  /** The lane of everything untagged. */
  public static final String BASELINE = "baseline";

  // The parts of the state.

  private static final int PHASE = 7;
  private static final int NEW = 0;
  private static final int STARTING = 1;
  private static final int STARTED = 2;
  private static final int END_PENDING = 3;
  private static final int ENDED = 4;

  /** An end was told; the code is that of the first one. */
  private static final int END_TOLD = 1 << 3;

  /** The start is counted on its own, and the end goes the long way. */
  private static final int SEEN = 1 << 4;

  private static final int TRACED = 1 << 5;
  private static final int IO_FAILURE = 1 << 6;
  private static final int CANCELLED = 1 << 7;
  private static final int CLEAN = 1 << 8;

  /** Another recorder has the stream. */
  private static final int SURPLUS = 1 << 9;

  private static final int SENT_BY_TRACER = 1 << 10;

  private static final int CODE_SHIFT = 16;

  /** In {@link #sent}: the application sends nothing more. */
  private static final int CLOSED = 1 << 31;

  // In inside: messages delivered, callbacks that carry work and have not returned, and a number
  // that changes whenever one is entered or left.

  private static final int DELIVERED = (1 << 13) - 1;
  private static final int CALLBACK = 1 << 13;
  private static final int CALLBACKS = 15 * CALLBACK;
  private static final int TURN = 1 << 17;

  /** A unary call that sends or delivers as many messages gets a {@link LongStream}. */
  private static final int SHORT = 1 << 12;

  // The parts of the first attempt.

  private static final int OPEN = 1;
  private static final int OVER = 2;
  private static final int CONNECTED = 1 << 2;
  private static final int HEADERS_LEFT = 1 << 3;

  /** The watch has found its headers at the peer's limit. */
  private static final int AT_LIMIT = 1 << 4;

  private static final int ATTEMPT_CODE_SHIFT = 5;
  private static final int ATTEMPT_CODE = 31 << ATTEMPT_CODE_SHIFT;
  private static final int TICKS_SHIFT = 10;

  /** Of 256 nanoseconds; all of them are a second. */
  private static final int TICK_SHIFT = 8;

  private static final int MAX_TICKS = (1 << (32 - TICKS_SHIFT)) - 1;

  private static final int DEADLINE_EXCEEDED = 4;
  private static final int UNAVAILABLE = 14;

  /** gRPC is asked for its readiness with one send in as many. */
  private static final int ASK_EVERY = 16;

  private static final AtomicIntegerFieldUpdater<StreamRecorder> STATE = ints("state");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> SENT = ints("sent");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> INSIDES = ints("inside");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> ARRIVED = ints("arrived");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> FRAMED = ints("framed");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> WIRE_OUT = ints("wireOut");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> WIRE_IN = ints("wireIn");
  private static final AtomicIntegerFieldUpdater<StreamRecorder> ATTEMPT = ints("attempt");

  private static final AtomicReferenceFieldUpdater<StreamRecorder, BooleanSupplier> OWNER =
      AtomicReferenceFieldUpdater.newUpdater(StreamRecorder.class, BooleanSupplier.class, "owner");

  private static AtomicIntegerFieldUpdater<StreamRecorder> ints(String field) {
    return AtomicIntegerFieldUpdater.newUpdater(StreamRecorder.class, field);
  }

  private final long startNanos;

  /**
   * What is called and where it counts. Plain: between the threads that start and end the stream
   * the compare-and-set of the state orders them; a reader finds the stream in the live list and
   * reads its state before it reads this.
   */
  private StreamKind kind;

  /** Null for a short call. Made under the monitor, and never taken away. */
  private volatile LongStream more;

  /**
   * Asks gRPC whether the stream may be written to; null until it has started and from its end on.
   * Volatile: the thread that starts a server's call may set it a moment after the watch can see
   * the stream; the watch replaces what keeps the call by what does not.
   */
  private volatile BooleanSupplier owner;

  /** Null while no upper package keeps anything on the stream. */
  private CallSlots slots;

  /** Moves on by compare-and-set only; the thread that makes it {@link #ENDED} runs the end. */
  private volatile int state;

  // Each count is written by the callback it belongs to; a server's transport stream and a client's
  // first attempt count here.

  private volatile int sent;
  private volatile int inside;
  private volatile int arrived;
  private volatile int framed;
  private volatile int wireOut;
  private volatile int wireIn;

  /**
   * Client: where the first attempt is. The threads that make its transport stream write it in
   * turn, by ordered stores; what may race with its close is a compare-and-set.
   */
  private volatile int attempt;

  /** Its place among the live streams, which alone write and read it. */
  public int place;

  /** A stream that is born now; it has neither method nor lane yet. */
  public StreamRecorder(CallSide side, StreamEnvironment env) {
    this.kind = env.unknown(Objects.requireNonNull(side, "side"));
    this.startNanos = env.clock.nanoTime();
  }

  /** As the other one; it counts under that method, too, if it ends before it is claimed. */
  public StreamRecorder(CallSide side, StreamEnvironment env, WatchedMethod method) {
    this.kind = method.kind(side, env);
    this.startNanos = env.clock.nanoTime();
  }

  private StreamEnvironment env() {
    return kind.env;
  }

  /** What all streams of the gauge share. */
  public StreamEnvironment environment() {
    return kind.env;
  }

  /** Swallows and counts our own faults. */
  public Guard guard() {
    return kind.env.guard;
  }

  /** The long part, made if need be. */
  LongStream more() {
    LongStream known = more;
    return known == null ? makeMore() : known;
  }

  private synchronized LongStream makeMore() {
    if (more == null) {
      more = new LongStream(env().nextId(), startNanos);
    }
    return more;
  }

  /** To read; see {@link RareParts}. */
  private RareParts rare() {
    LongStream known = more;
    return known == null ? RareParts.NONE : known.rare();
  }

  private synchronized RareParts makeRare() {
    return makeMore().makeRare();
  }

  /** Adds a part of the state; nothing is taken away. */
  private void add(int part) {
    for (int now = state; (now & part) != part; now = state) {
      if (STATE.compareAndSet(this, now, now | part)) {
        return;
      }
    }
  }

  // ---- life ----------------------------------------------------------------------------------

  /** Which end of the call this process is. */
  public CallSide side() {
    return kind.side;
  }

  /** {@link WatchedMethod#OTHER} until the method is known. */
  public WatchedMethod method() {
    return kind.method;
  }

  /** Whether the method has one message each way. */
  @CallPath
  public boolean isUnary() {
    return kind.unary;
  }

  /** The method to count a stream under that ends before it is claimed. */
  public void hint(WatchedMethod method) {
    if (kind.method != method) {
      hintFirst(method);
    }
  }

  private synchronized void hintFirst(WatchedMethod method) {
    if (isNew()) {
      kind = method.kind(kind.side, env());
    }
  }

  /** The raw tag of the call; {@link #BASELINE} unless one was resolved. */
  public String lane() {
    CallSlots known = slots;
    return known == null || known.lane == null ? BASELINE : known.lane;
  }

  public void lane(String lane) {
    slots().lane = lane;
  }

  /** A stream tracer watches the wire, so the stages before the application are known. */
  @CallPath
  public void traced() {
    // Before another thread knows the stream.
    STATE.lazySet(this, state | TRACED);
  }

  private boolean isTraced() {
    return (state & TRACED) != 0;
  }

  /** Whether the stream was made for that gauge. */
  public boolean belongsTo(StreamEnvironment other) {
    return env() == other;
  }

  /**
   * Takes the right to start the stream; an end that comes from now on waits for {@link #start}.
   *
   * @param method what is called
   * @return false if the stream had started or ended before; the caller then leaves it alone
   */
  public boolean claim(WatchedMethod method) {
    return claim(method, false);
  }

  /**
   * As {@link #claim(WatchedMethod)}.
   *
   * @param sentByTracer what the application sends is told by the tracer, not by a wrapper
   */
  @CallPath
  public boolean claim(WatchedMethod method, boolean sentByTracer) {
    StreamKind next = kind.method == method ? kind : method.kind(kind.side, env());
    int parts = STARTING | (next.unary ? 0 : SEEN) | (sentByTracer ? SENT_BY_TRACER : 0);
    for (int now = state; (now & PHASE) == NEW; now = state) {
      if (STATE.compareAndSet(this, now, now | parts)) {
        claimed(next);
        return true;
      }
    }
    return false;
  }

  private void claimed(StreamKind next) {
    kind = next;
    if (!next.unary) {
      more();
    }
  }

  /** Tells the start of a claimed stream, and its end if that has come meanwhile. */
  @CallPath
  public void start(BooleanSupplier readiness) {
    OWNER.lazySet(this, readiness);
    env().listener.started(this);
    tellEarly();
    for (int now = state; ; now = state) {
      boolean over = (now & PHASE) == END_PENDING;
      int next = (now & ~PHASE) | (over ? ENDED : STARTED);
      if (STATE.compareAndSet(this, now, next)) {
        if (over) {
          finish(next);
        }
        return;
      }
    }
  }

  /** Server: what to ask for readiness, where that is known after the start only. */
  public void owner(BooleanSupplier readiness) {
    if (!isEnded()) {
      OWNER.lazySet(this, readiness);
    }
  }

  /** What to ask for readiness; null before the start and after the end. */
  public BooleanSupplier owner() {
    return owner;
  }

  /** The watch has found the stream open: from now on being watched keeps no call alive. */
  public void loosen() {
    BooleanSupplier now = owner;
    if (now instanceof CallHandle) {
      CallHandle weak = ((CallHandle) now).weak();
      if (weak != now) {
        owner = weak;
        Connection told = ((CallHandle) now).connection();
        if (told != null) {
          weak.connection(told); // told to the other one meanwhile
        }
        if (isEnded()) {
          owner = null;
        }
      }
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
    int now = state;
    if (code == 0 && description == null && (now & (PHASE | END_TOLD | SEEN)) == STARTED) {
      boolean clean = isClean();
      int next = (now & ~PHASE) | ENDED | END_TOLD | (clean ? CLEAN : 0);
      if (STATE.compareAndSet(this, now, next)) {
        finish(next);
        return;
      }
    }
    endOtherwise(code, description, unstarted);
  }

  /** One message each way, and nothing that a short call has not. */
  private boolean isClean() {
    return more == null && kind.unary && count(sent) == 1 && (inside & DELIVERED) == 1;
  }

  private void endOtherwise(int code, String description, Runnable unstarted) {
    for (int now = state; ; now = state) {
      if ((now & END_TOLD) != 0) {
        return;
      }
      if (STATE.compareAndSet(this, now, now | END_TOLD | code << CODE_SHIFT)) {
        break;
      }
    }
    if (description != null) {
      makeRare().description = description;
    }
    if (claimForEnd()) {
      if (unstarted != null) {
        unstarted.run();
      }
      env().listener.started(this);
      tellEarly();
      finishUnclean();
      return;
    }
    for (int now = state; ; now = state) {
      if ((now & PHASE) != STARTING) {
        finishUnclean();
        return;
      }
      if (STATE.compareAndSet(this, now, (now & ~PHASE) | END_PENDING)) {
        return;
      }
    }
  }

  /** Under the monitor: the method may be hinted meanwhile. */
  private synchronized boolean claimForEnd() {
    for (int now = state; (now & PHASE) == NEW; now = state) {
      if (STATE.compareAndSet(this, now, now | STARTING | (kind.unary ? 0 : SEEN))) {
        claimed(kind);
        return true;
      }
    }
    return false;
  }

  /** This thread has told the end; no other one moves the phase on now. */
  private void finishUnclean() {
    for (int now = state; ; now = state) {
      int next = (now & ~PHASE) | ENDED;
      if (STATE.compareAndSet(this, now, next)) {
        finish(next);
        return;
      }
    }
  }

  /**
   * The end, told once.
   *
   * @param ended the state that this thread gave the stream
   */
  private void finish(int ended) {
    boolean clean = (ended & CLEAN) != 0;
    if (!clean && (ended & SEEN) == 0) {
      tellStart();
    }
    // A clean end may still find parts that another thread has made in the last moment.
    LongStream known = clean ? more : more();
    if (known != null) {
      known.outboundClosed = true;
      ready(true);
      known.inboundClosed = true;
      StallState stall = known.stall;
      if (stall != null) {
        stall.ended(this, env());
      }
      closeQueues();
      // Before the stream leaves the list of those that are open: a reader that does not find it
      // there finds its messages in the totals.
      settle();
    }
    env().listener.ended(this, now());
    OWNER.lazySet(this, null);
    if (more != null) {
      settle();
    }
  }

  private void tellStart() {
    StreamTotals totals = kind.totals;
    if (totals != null) {
      totals.started();
    }
  }

  /** Whether the start and the messages of the stream follow from its end. */
  @CallPath
  public boolean isCleanEnd() {
    return (state & CLEAN) != 0;
  }

  /**
   * A reader has found the stream open: its start is counted now, and its end goes the long way.
   *
   * @return false if it is not open: it is starting, or over
   */
  public boolean seen() {
    for (int now = state; (now & PHASE) == STARTED; now = state) {
      if ((now & SEEN) != 0) {
        return true;
      }
      if (STATE.compareAndSet(this, now, now | SEEN)) {
        tellStart();
        more();
        return true;
      }
    }
    return false;
  }

  /** Folds counts that came after the end; call when the application's last callback is over. */
  @CallPath
  public void settle() {
    StreamTotals target = kind.totals;
    if (target == null) {
      return;
    }
    int now = state;
    if ((now & SEEN) == 0 && (now & PHASE) != ENDED) {
      // Open and never seen: it may end cleanly, and what is drained now would count twice.
      return;
    }
    LongStream known = more;
    if (known == null) {
      if ((now & CLEAN) == 0 || (count(sent) == 1 && (inside & DELIVERED) == 1)) {
        return; // its end tells all of it, or has told it
      }
      known = more();
    }
    drainTo(target, known);
  }

  /** Server: whether the tracer is to tell what the application sends. */
  @CallPath
  public boolean isSentByTracer() {
    return (state & SENT_BY_TRACER) != 0;
  }

  /** Another recorder has the stream: this one tells nothing. */
  public void leave() {
    add(SURPLUS);
  }

  /** Whether another recorder has the stream. */
  @CallPath
  public boolean isSurplus() {
    return (state & SURPLUS) != 0;
  }

  @CallPath
  public boolean isNew() {
    return (state & PHASE) == NEW;
  }

  public boolean isEnded() {
    return (state & PHASE) == ENDED;
  }

  /** Server: the application is about to close the call because of an input or output failure. */
  public void onIoFailure() {
    add(IO_FAILURE);
  }

  /** Server: whether an end by an input or output failure is the application's own doing. */
  public boolean isIoFailure() {
    return (state & IO_FAILURE) != 0;
  }

  /** Client: the application cancels the call; it may never hear of the end. */
  @CallPath
  public void onCancelled() {
    add(CANCELLED);
  }

  boolean isCancelled() {
    return (state & CANCELLED) != 0;
  }

  /** Ends a call that nothing else will end, with the time and code the transport had. */
  public void endUntold() {
    makeRare().overNanos = closedNanos();
    end(lastCode(), "abandoned");
  }

  /**
   * Clock reading when the stream was over.
   *
   * @param nowNanos when the end is told, which may be late
   */
  public long endNanos(long nowNanos) {
    return isEndedLate() ? rare().overNanos : nowNanos;
  }

  /** Whether {@link #endNanos} lies before the moment in which the end is told. */
  public boolean isEndedLate() {
    return rare().overNanos != 0;
  }

  /** Numeric gRPC status code; meaningful from the end on. */
  public int code() {
    return state >>> CODE_SHIFT;
  }

  public String description() {
    return rare().description;
  }

  /** Number of the stream within its gauge; 0 until it has one, which a short call never has. */
  public long id() {
    LongStream known = more;
    return known == null ? 0 : known.id;
  }

  /** Number of the stream, which it has from now on. */
  public long lastingId() {
    return more().id;
  }

  /** Number of the stream; where it has none, one that no other stream will have. */
  public long anyId() {
    LongStream known = more;
    return known == null ? env().nextId() : known.id;
  }

  /** Clock reading at the birth of the stream, nanoseconds. */
  public long startNanos() {
    return startNanos;
  }

  /** The clock of this stream, nanoseconds; what {@link #startNanos} was read from. */
  public long now() {
    return env().clock.nanoTime();
  }

  // ---- messages ------------------------------------------------------------------------------

  private static int count(int sent) {
    return sent & ~CLOSED;
  }

  /**
   * The application is sending a message. Called before gRPC is, so a depth is never negative.
   *
   * @return true when it is time to ask gRPC for its readiness and tell {@link #ready}
   */
  @CallPath
  public boolean onSend() {
    LongStream known = more;
    if (known == null) {
      int now = sent + 1;
      SENT.lazySet(this, now);
      if (count(now) == SHORT) {
        more();
      }
      return (now & (ASK_EVERY - 1)) == 0;
    }
    known.onSend();
    NotReadyTime time = known.notReady;
    if (time != null && time.isNow()) {
      time.ignore();
    }
    return ((sent + known.sent()) & (ASK_EVERY - 1)) == 0;
  }

  /** A message leaves the executor and enters the application's callback. */
  @CallPath
  public void onDeliver() {
    LongStream known = more;
    int entered = entered(inside);
    long count;
    if (known == null) {
      INSIDES.lazySet(this, entered + 1);
      count = (entered & DELIVERED) + 1L;
      if (count == SHORT) {
        more();
      }
    } else {
      known.onDeliver();
      INSIDES.lazySet(this, entered);
      count = (entered & DELIVERED) + known.delivered();
      if (count == 1 && !kind.unary) {
        known.firstMessageNanos = now() - startNanos;
        env().listener.firstMessage(this, known.firstMessageNanos);
      }
    }
    if (env().times(count)) {
      long waited = timer().entered(count, isTraced() ? allArrived() : -1);
      if (waited >= 0) {
        env().listener.queued(this, waited);
      }
    }
  }

  private static int entered(int inside) {
    boolean isFull = (inside & CALLBACKS) == CALLBACKS;
    return inside + TURN + (isFull ? 0 : CALLBACK);
  }

  private static int left(int inside) {
    boolean entered = (inside & CALLBACKS) != 0;
    return inside + TURN - (entered ? CALLBACK : 0);
  }

  /** The peer is done; the application's callback for that is entered. */
  @CallPath
  public void onHalfClose() {
    // Stubs run unary handlers in there.
    INSIDES.lazySet(this, entered(inside));
    LongStream known = more;
    if (known == null) {
      return;
    }
    known.inboundClosed = true;
    MessageTimer timer = known.timer;
    if (timer != null && kind.server && !kind.streamsInbound) {
      timer.resume();
    }
  }

  /** The application's callback for the message or half-close in hand has returned. */
  @CallPath
  public void onHandled() {
    INSIDES.lazySet(this, left(inside));
    LongStream known = more;
    MessageTimer timer = known == null ? null : known.timer;
    if (timer == null) {
      return;
    }
    if (kind.server && !kind.streamsInbound && !known.inboundClosed) {
      // The stubs only keep the one message of such a call, and act on it at the half-close.
      timer.pause();
      return;
    }
    long held = timer.left();
    if (held >= 0) {
      env().listener.held(this, held);
    }
  }

  /** Made with the first message that is timed. */
  MessageTimer timer() {
    LongStream known = more();
    return known.timer == null ? makeTimer(known) : known.timer;
  }

  private synchronized MessageTimer makeTimer(LongStream known) {
    if (known.timer == null) {
      known.timer = new MessageTimer(env());
    }
    return known.timer;
  }

  /** Server: the one message of the call, which stubs act on at the half-close; null for none. */
  public void pendingMessage(Object message) {
    if (message != null || rare() != RareParts.NONE) {
      makeRare().pendingMessage = message;
    }
  }

  public Object pendingMessage() {
    return rare().pendingMessage;
  }

  /** Messages the application has sent. */
  @CallPath
  public long sent() {
    int first = count(sent);
    LongStream known = more;
    return known == null ? first : first + known.sent();
  }

  /** Messages delivered to the application. */
  public long received() {
    int first = inside & DELIVERED;
    LongStream known = more;
    return known == null ? first : first + known.delivered();
  }

  /** From the start to the first message, nanoseconds; {@link #UNKNOWN} before it and for unary. */
  public long firstMessageNanos() {
    LongStream known = more;
    return known == null ? UNKNOWN : known.firstMessageNanos;
  }

  /** Whether this side may receive more than one message. */
  public boolean isInboundStream() {
    return kind.streamsInbound;
  }

  /** 1 while the application is inside a callback that carries work, otherwise 0. */
  public long handlerDepth() {
    return (inside & CALLBACKS) == 0 ? 0 : 1;
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
    LongStream known = more;
    if (known != null && messages > 0) {
      known.onRequest(messages);
    }
  }

  /** What gRPC said, just now, to whether the stream may be written to. */
  @CallPath
  public void ready(boolean ready) {
    LongStream known = more;
    if (known == null && ready) {
      return;
    }
    // Before the first message nothing is pending, and after the last gRPC always says no.
    boolean nowNotReady = !ready && !isOutboundClosed() && sent() > 0;
    if (nowNotReady != isNotReady()) {
      readyEdge(nowNotReady);
    }
  }

  private void readyEdge(boolean nowNotReady) {
    LongStream known = more();
    NotReadyTime time = known.notReady == null ? makeNotReady(known) : known.notReady;
    if (!nowNotReady) {
      time.end(env().clock);
      return;
    }
    time.begin(env().clock);
    if (isOutboundClosed()) {
      // onOutboundClosed may race with this edge. It stores the flag and then reads the time; this
      // thread stores the time and then reads the flag. So one of the two ends it.
      time.end(env().clock);
    }
  }

  private synchronized NotReadyTime makeNotReady(LongStream known) {
    if (known.notReady == null) {
      known.notReady = new NotReadyTime();
    }
    return known.notReady;
  }

  /** The application will send nothing more. */
  @CallPath
  public void onOutboundClosed() {
    LongStream known = more;
    if (known == null) {
      if (sent >= 0) {
        sent |= CLOSED; // by the thread that counts what it sends; a full store, see readyEdge
      }
      known = more;
      if (known == null) {
        return;
      }
    }
    if (!known.outboundClosed) {
      known.outboundClosed = true;
    }
    ready(true);
  }

  private boolean isOutboundClosed() {
    LongStream known = more;
    return sent < 0 || (known != null && known.outboundClosed) || isEnded();
  }

  /** Whether the stream is not writable while writes are pending. */
  public boolean isNotReady() {
    LongStream known = more;
    NotReadyTime time = known == null ? null : known.notReady;
    return time != null && time.isNow();
  }

  /** Whether gRPC's readiness still says something about this stream. */
  public boolean mayWrite() {
    return !isOutboundClosed() && sent() > 0;
  }

  /** Messages asked for and not delivered yet; 0 once the peer is done, and for single messages. */
  public long demand() {
    LongStream known = more;
    return known != null && expectsMessages(known)
        ? Math.max(0, known.requested() - received())
        : 0;
  }

  /** The application has had everything it asked for, though the peer may have more. */
  public boolean wantsNothing() {
    LongStream known = more;
    return known != null && expectsMessages(known) && known.requested() <= received();
  }

  private boolean expectsMessages(LongStream known) {
    return !known.inboundClosed && kind.streamsInbound;
  }

  /** Time not writable with writes pending, so far, nanoseconds. */
  public long blockedNanos() {
    LongStream known = more;
    NotReadyTime time = known == null ? null : known.notReady;
    return time == null ? 0 : time.nanos(env().clock);
  }

  /** Messages sent while not writable: flow control ignored. */
  public long ignored() {
    LongStream known = more;
    NotReadyTime time = known == null ? null : known.notReady;
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
    RareParts parts = makeRare();
    ApplicationQueue.Node open = ApplicationQueue.Node.open(parts.queues);
    int count = 0;
    for (ApplicationQueue.Node node = open; node != null; node = node.next) {
      count++;
    }
    if (count >= ApplicationQueue.MAX_PER_STREAM) {
      return false;
    }
    parts.queues = new ApplicationQueue.Node(queue, open);
    return true;
  }

  /** Asks the application's own queues; its code runs on this thread, and may not return. */
  public void askQueues() {
    for (ApplicationQueue.Node node = rare().queues; node != null; node = node.next) {
      node.queue.ask(env().guard);
    }
  }

  private void closeQueues() {
    for (ApplicationQueue.Node node = rare().queues; node != null; node = node.next) {
      node.queue.close();
    }
  }

  /**
   * Messages in the application's own queues, as the watch was told last; {@link #UNKNOWN} if it
   * registered none or none was asked yet.
   */
  public long applicationDepth() {
    long depth = UNKNOWN;
    for (ApplicationQueue.Node node = rare().queues; node != null; node = node.next) {
      int told = node.queue.depth();
      if (told >= 0) {
        depth = Math.max(0, depth) + told;
      }
    }
    return depth;
  }

  // ---- wire: the server's transport stream, or the client's first ----------------------------

  /** A message was read from the wire and handed towards the application's thread. */
  @CallPath
  public void onArrived() {
    int count = arrived + 1;
    if (env().times(count)) {
      timer().arrived(ownArrived() + 1);
    }
    ARRIVED.lazySet(this, count);
  }

  /** Client: a message left the connect stage: it has a transport stream to go to. */
  @CallPath
  public void onFramed() {
    FRAMED.lazySet(this, framed + 1);
  }

  /** Bytes framed for the wire. */
  @CallPath(bytes = true)
  public void onWireOut(long bytes) {
    LongStream known = more;
    long sum = wireOut + bytes;
    if (known == null && sum <= Integer.MAX_VALUE) {
      WIRE_OUT.lazySet(this, (int) sum);
    } else {
      more().onWireOut(bytes);
    }
  }

  /** Bytes read from the wire. */
  @CallPath(bytes = true)
  public void onWireIn(long bytes) {
    LongStream known = more;
    long sum = wireIn + bytes;
    if (known == null && sum <= Integer.MAX_VALUE) {
      WIRE_IN.lazySet(this, (int) sum);
    } else {
      more().onWireIn(bytes);
    }
  }

  // Only as far from what was delivered, or sent, as messages wait: an int that wraps around is
  // enough.

  private long ownArrived() {
    long given = received();
    return given + (arrived - (int) given);
  }

  long ownFramed() {
    long count = sent();
    return count + (framed - (int) count);
  }

  private long ownWireOut() {
    int first = wireOut;
    LongStream known = more;
    return known == null ? first : first + known.wireOut();
  }

  private long ownWireIn() {
    int first = wireIn;
    LongStream known = more;
    return known == null ? first : first + known.wireIn();
  }

  // ---- attempts of a client's call -----------------------------------------------------------

  /** Client: the call is about to have its first transport stream, which counts here. */
  @CallPath
  public boolean openFirstAttempt() {
    if (attempt != 0) {
      return false;
    }
    ATTEMPT.lazySet(this, OPEN);
    return true;
  }

  /**
   * Client: the first attempt has a transport stream on that connection.
   *
   * @param nowNanos when it was made
   */
  @CallPath
  public void onConnected(Connection connection, long nowNanos) {
    BooleanSupplier now;
    do {
      now = owner;
      if (now instanceof CallHandle) {
        ((CallHandle) now).connection(connection);
      } else {
        makeRare().connection = connection;
      }
    } while (now != owner); // the watch loosens it meanwhile, or the call has ended
    long ticks = Math.max(0, nowNanos - startNanos) >> TICK_SHIFT;
    if (ticks > MAX_TICKS) {
      makeRare().connectedNanos = nowNanos;
      ticks = 0;
    }
    int parts = CONNECTED | (int) ticks << TICKS_SHIFT;
    for (int before = attempt; ; before = attempt) {
      if (ATTEMPT.compareAndSet(this, before, before | parts)) {
        return; // an application that cancels may close the attempt meanwhile
      }
    }
  }

  private long connectedNanos() {
    long late = rare().connectedNanos;
    return late != 0 ? late : startNanos + ((long) (attempt >>> TICKS_SHIFT) << TICK_SHIFT);
  }

  /** Client: the headers of the first attempt have left; the peer's limit has let them pass. */
  @CallPath
  public void onHeadersLeft() {
    for (int now = attempt; (now & (CONNECTED | HEADERS_LEFT)) == CONNECTED; now = attempt) {
      if (ATTEMPT.compareAndSet(this, now, now | HEADERS_LEFT)) {
        headersLeft();
        return;
      }
    }
  }

  private void headersLeft() {
    env().tellHeaders();
    long now = now();
    Connection on = firstConnection();
    long waited = firstWaited(on, now);
    if (on != null) {
      on.working(now);
    }
    if (waited > 0) {
      waitedAtLimit(waited);
    }
  }

  /** How long the first attempt's headers have waited at the peer's limit; 0 if they have not. */
  private long firstWaited(Connection on, long now) {
    if (on == null || now - startNanos < Connection.SHORTEST_NANOS) {
      return 0;
    }
    long nanos = now - connectedNanos();
    boolean limited =
        nanos >= Connection.SHORTEST_NANOS
            && ((attempt & AT_LIMIT) != 0 || on.workedBetween(connectedNanos(), now));
    return limited ? nanos : 0;
  }

  /** Client: the first attempt's transport stream is closed; calls after the first are ignored. */
  @CallPath
  public void closeFirstAttempt(int code) {
    int now;
    do {
      now = attempt;
      if ((now & OPEN) == 0) {
        return;
      }
    } while (!ATTEMPT.compareAndSet(this, now, (now & ~OPEN) | OVER | code << ATTEMPT_CODE_SHIFT));
    if (isCancelled()) {
      makeRare().closedNanos = now();
    }
    TransportAttempts others = rare().attempts;
    if (others != null) {
      others.closedFirst(code);
    }
    Connection on = firstConnection();
    if (on == null) {
      return;
    }
    if (isFirstHeldBack(now)) {
      long waited = firstWaited(on, now());
      if (waited > 0) {
        waitedAtLimit(waited);
      }
    } else if ((now & HEADERS_LEFT) != 0 && !kind.unary && showsPeer(code)) {
      // Where calls wait for the limit, one that waits leaves as this one ends, and shows as much.
      on.working(now());
    }
  }

  /** Whether an end with that code shows that the peer is at work; this side gives some itself. */
  static boolean showsPeer(int code) {
    return code != StatusCodes.CANCELLED && code != DEADLINE_EXCEEDED && code != UNAVAILABLE;
  }

  boolean isFirstOpen() {
    return (attempt & OPEN) != 0;
  }

  boolean isFirstOver() {
    return (attempt & OVER) != 0;
  }

  private int firstCode() {
    return (attempt & ATTEMPT_CODE) >>> ATTEMPT_CODE_SHIFT;
  }

  /** The connection of the first attempt, or null before it is on one. */
  Connection firstConnection() {
    BooleanSupplier now = owner;
    return now instanceof CallHandle ? ((CallHandle) now).connection() : rare().connection;
  }

  boolean isFirstHeldBack() {
    return isFirstHeldBack(attempt);
  }

  /** Whether it is on a connection and its headers have not left. */
  private boolean isFirstHeldBack(int now) {
    return (now & (CONNECTED | HEADERS_LEFT)) == CONNECTED
        && env().tellsHeaders()
        && ownArrived() == 0
        && ownWireIn() == 0;
  }

  boolean isFirstConnected() {
    return (attempt & CONNECTED) != 0;
  }

  /** What is found once holds: a wait that was a stall is counted as one, however it ends. */
  boolean isFirstAtLimit(long now) {
    Connection on = firstConnection();
    if (on == null || !on.workedBetween(connectedNanos(), now)) {
      return false;
    }
    for (int seen = attempt; (seen & AT_LIMIT) == 0; seen = attempt) {
      ATTEMPT.compareAndSet(this, seen, seen | AT_LIMIT);
    }
    return true;
  }

  TransportBytes firstBytes() {
    return rare().bytes;
  }

  /** For the watch, at each look: what the first attempt shows of its connection. */
  private void lookAtFirst(long lookedNanos) {
    Connection on = firstConnection();
    if (on == null || !isFirstOpen()) {
      return;
    }
    long in = ownArrived() + ownWireIn();
    if (more().hasArrived(in)) {
      // After the look before this one; that is all that is known.
      on.working(lookedNanos);
    }
    TransportBytes told = firstBytes();
    if (told == null) {
      return;
    }
    if ((attempt & HEADERS_LEFT) != 0 && told.isBacklogged()) {
      on.backlogged(lookedNanos);
    }
  }

  /** Client: an attempt after the first, a retry or a hedge, is about to have a stream. */
  @CallPath
  public TransportAttempt openAttempt() {
    return attempts().open();
  }

  private synchronized TransportAttempts attempts() {
    RareParts parts = makeRare();
    if (parts.attempts == null) {
      parts.attempts = new TransportAttempts(this);
      if (isFirstOver()) {
        parts.attempts.closedFirst(firstCode());
      }
    }
    return parts.attempts;
  }

  /**
   * Client: the attempt's transport stream is closed; calls after the first are ignored. What the
   * attempt had reached still counts.
   */
  @CallPath
  public void closeAttempt(TransportAttempt attempt, int code) {
    long waited = attempts().close(attempt, code);
    if (waited > 0) {
      waitedAtLimit(waited);
    }
  }

  /** Client: the headers waited that long for the peer's limit of concurrent streams. */
  void waitedAtLimit(long nanos) {
    env().listener.waitedAtLimit(this, nanos);
  }

  /** The connection the stream is on, of a client's call that of its latest attempt; or null. */
  public Connection connection() {
    Connection later = rare().connection;
    return later == null ? firstConnection() : later;
  }

  /** An attempt after the first is on that connection. */
  void connection(Connection connection) {
    makeRare().connection = connection;
  }

  /** Client: whether an attempt has a transport stream, or is about to have one. */
  public boolean hasOpenAttempt() {
    TransportAttempts others = rare().attempts;
    return isFirstOpen() || (others != null && others.hasOpen());
  }

  /** Client: whether an attempt has been on the wire and none is any more. */
  public boolean isOffTheWire() {
    TransportAttempts others = rare().attempts;
    boolean was = isFirstOver() || (others != null && others.hasClosed());
    return was && !hasOpenAttempt();
  }

  /**
   * How the last attempt that closed ended; for a stream without one, as one that is cancelled, and
   * unknown where no tracer could have told.
   */
  int lastCode() {
    TransportAttempts others = rare().attempts;
    if (others != null && others.hasClosed()) {
      return others.lastCode();
    }
    if (isFirstOver()) {
      return firstCode();
    }
    return isTraced() || isCancelled() ? StatusCodes.CANCELLED : StatusCodes.UNKNOWN;
  }

  /** When the transport was done with a cancelled call; 0 if that is not known. */
  private long closedNanos() {
    TransportAttempts others = rare().attempts;
    long first = rare().closedNanos;
    long last = others == null ? 0 : others.closedNanos();
    if (first == 0 || last == 0) {
      return first == 0 ? last : first;
    }
    return first - last > 0 ? first : last;
  }

  /** Client: whether the headers of the call have a transport stream and do not leave. */
  public boolean isHeldBack() {
    TransportAttempts others = rare().attempts;
    if (others != null) {
      return others.isHeldBack();
    }
    return isFirstOpen() && isFirstHeldBack();
  }

  /** Client: whether it is the peer's limit of concurrent streams that holds the headers back. */
  public boolean isAtLimit() {
    TransportAttempts others = rare().attempts;
    if (others != null) {
      return others.isAtLimit();
    }
    return isHeldBack() && isFirstAtLimit(now());
  }

  /** Client: messages in a transport stream whose headers have not left. */
  public long limitDepth() {
    TransportAttempts others = rare().attempts;
    if (others != null) {
      return others.limitDepth();
    }
    return isHeldBack() ? ownFramed() : 0;
  }

  /** Whether {@link #connectDepth()} is a measurement. */
  public boolean connectKnown() {
    return isTraced() && !kind.server;
  }

  /** Whether {@link #executorDepth()} and the wire bytes are measurements. */
  @CallPath
  public boolean executorKnown() {
    return isTraced();
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
    long count = sent();
    return Math.max(0, count - allFramed());
  }

  /** Messages read off the wire that the application's thread has not been given yet. */
  public long executorDepth() {
    if (!isTraced()) {
      return UNKNOWN;
    }
    // Read before arrivals are: a message in between may be missed, never counted as minus one.
    long given = received();
    return Math.max(0, allArrived() - given);
  }

  private long allFramed() {
    TransportAttempts others = rare().attempts;
    return others == null ? ownFramed() : others.framed(ownFramed());
  }

  private long allArrived() {
    TransportAttempts others = rare().attempts;
    return others == null ? ownArrived() : others.arrived(ownArrived());
  }

  /** Bytes framed for the wire, all attempts together. */
  public long wireOut() {
    TransportAttempts others = rare().attempts;
    return others == null ? ownWireOut() : ownWireOut() + others.wireOut();
  }

  /** Bytes read from the wire, all attempts together. */
  public long wireIn() {
    TransportAttempts others = rare().attempts;
    return others == null ? ownWireIn() : ownWireIn() + others.wireIn();
  }

  /** Of a clean end: the bytes that it tells. */
  public long cleanWireOut() {
    return wireOut;
  }

  public long cleanWireIn() {
    return wireIn;
  }

  // ---- bytes that only hooks inside gRPC see -------------------------------------------------

  /**
   * Where the bytes that wait on a transport stream are told.
   *
   * @param attempt the client's transport stream after the first; null for the first, and for the
   *     server's
   */
  public TransportBytes openBytes(TransportAttempt attempt) {
    makeRare().tellsBytes = true;
    return attempt == null ? makeFirstBytes() : attempts().bytesOf(attempt);
  }

  private synchronized TransportBytes makeFirstBytes() {
    RareParts parts = makeRare();
    if (parts.bytes == null) {
      parts.bytes = new TransportBytes();
    }
    return parts.bytes;
  }

  /** Whether any of the depths in bytes is, or was, a measurement. */
  public boolean tellsBytes() {
    return rare().tellsBytes;
  }

  @Override
  public void onReplayBegun() {
    if (!kind.server) {
      makeRare().tellsBytes = true;
      attempts().replaying(true);
    }
  }

  @Override
  public void onReplayOver() {
    if (!kind.server) {
      attempts().replaying(false);
    }
  }

  /** Whether {@link #transportBytes()} is, or was in an earlier attempt, a measurement. */
  public boolean transportKnown() {
    TransportBytes told = firstBytes();
    TransportAttempts others = rare().attempts;
    return tellsBytes()
        && ((told != null && told.transport() != UNKNOWN)
            || (others != null && others.transportKnown()));
  }

  public boolean deframerKnown() {
    TransportBytes told = firstBytes();
    TransportAttempts others = rare().attempts;
    return tellsBytes()
        && ((told != null && told.deframer() != UNKNOWN)
            || (others != null && others.deframerKnown()));
  }

  public boolean replayKnown() {
    TransportAttempts others = rare().attempts;
    return others != null && others.replayKnown();
  }

  /** Bytes framed and not written to the socket yet, or {@link #UNKNOWN}. */
  public long transportBytes() {
    TransportAttempts others = rare().attempts;
    TransportBytes told = kind.server || isFirstOpen() ? firstBytes() : null;
    long own = told == null ? UNKNOWN : told.transport();
    return others == null ? own : plus(own, others.transportBytes());
  }

  /** Bytes that have arrived and the application has not asked for, or {@link #UNKNOWN}. */
  public long deframerBytes() {
    TransportAttempts others = rare().attempts;
    TransportBytes told = kind.server || isFirstOpen() ? firstBytes() : null;
    long own = told == null ? UNKNOWN : told.deframer();
    return others == null ? own : plus(own, others.deframerBytes());
  }

  static long plus(long sum, long more) {
    return more == UNKNOWN ? sum : Math.max(0, sum) + more;
  }

  /** Client: bytes of sent messages that gRPC keeps for a retry, or {@link #UNKNOWN}. */
  public long retryBytes() {
    TransportAttempts others = rare().attempts;
    return others == null ? UNKNOWN : others.retryBytes(ownWireOut());
  }

  // ---- the watch -----------------------------------------------------------------------------

  /** Changes whenever any count does; counts only rise, so an equal sum means no movement. */
  private long movement() {
    long counts = sent() + received() + (inside >>> 17);
    TransportAttempts others = rare().attempts;
    if (others == null) {
      counts += ownArrived() + ownFramed();
    } else {
      counts += others.everArrived(ownArrived()) + others.framed(ownFramed());
    }
    counts += wireOut() + wireIn();
    if (!tellsBytes()) {
      return counts;
    }
    TransportBytes told = firstBytes();
    counts += told == null ? 0 : told.written();
    return others == null ? counts : counts + others.writtenBytes();
  }

  /**
   * At each look: how long nothing has moved, nanoseconds.
   *
   * @param applicationDepth of the application's own queues
   * @return {@link #UNKNOWN} if something has moved since the look before
   */
  public long stillNanos(long now, long applicationDepth) {
    return more().still(movement(), applicationDepth, now);
  }

  private StallState knownStall() {
    LongStream known = more;
    return known == null ? null : known.stall;
  }

  private StallState makeStall() {
    StallState made;
    LongStream known = more();
    synchronized (this) {
      if (known.stall != null) {
        return known.stall;
      }
      made = new StallState();
      known.stall = made;
    }
    if (isEnded()) {
      // The thread that ends the stream stores its state and then reads the stall's; this thread
      // stores the stall's and then reads the stream's. So one of the two tells the stall's.
      made.ended(this, env());
    }
    return made;
  }

  /** Clock reading when the watch last saw a count move, nanoseconds; up to a second late. */
  public long movedNanos() {
    LongStream known = more;
    return known == null ? startNanos : known.movedNanos();
  }

  /**
   * The watch has found why the stream stands still.
   *
   * @param cause null if it moves or is merely idle
   */
  public void found(StallCause cause, long now) {
    StallState stall = knownStall();
    if (stall == null && cause == null) {
      return;
    }
    (stall == null ? makeStall() : stall).found(this, env(), cause, now);
  }

  /** Why the stream stands still, or null while it does not. */
  public StallCause cause() {
    StallState stall = knownStall();
    return stall == null ? null : stall.cause();
  }

  /** Time the stream has stood still for a cause, finished stalls only, nanoseconds. */
  public long stalledNanos() {
    StallState stall = knownStall();
    return stall == null ? 0 : stall.stalledNanos();
  }

  /** Client: before each look, whether the connections of the call's attempts are seen to work. */
  public void lookAtConnections() {
    if (kind.server) {
      return;
    }
    long looked = more().look(now());
    lookAtFirst(looked);
    TransportAttempts others = rare().attempts;
    if (others != null) {
      others.look(looked);
    } else if (isHeldBack()) {
      probe(firstBytes(), firstConnection());
    }
  }

  /** Outside the monitor: a transport without a thread of its own runs it here, under its lock. */
  void probe(TransportBytes told, Connection on) {
    if (told != null && on != null) {
      told.probe(() -> on.answered(now()));
    }
  }

  /**
   * At each look: whether a call is over whose end will not be told. It was cancelled and no
   * attempt is open, and the application is not in a callback; twice in a row, since gRPC may be
   * about to tell the end.
   */
  public boolean isOverUntold() {
    return more().isOver(isCancelled() && !hasOpenAttempt() && handlerDepth() == 0 && !isEnded());
  }

  /** Whether the application's code of this stream has not returned to the watch. */
  public boolean isStuck() {
    return rare().stuck;
  }

  public void stuck(boolean now) {
    makeRare().stuck = now;
  }

  // ---- totals and lanes ----------------------------------------------------------------------

  /** What the stream has in common with others; its totals are null when its series was refused. */
  public StreamKind kind() {
    return kind;
  }

  /** Where the stream counts from its start on; told to the listener that knows. */
  @CallPath
  public void kind(StreamKind next) {
    kind = next;
  }

  /** Where this stream's counts are folded to; null when its series was refused. */
  public StreamTotals totals() {
    return kind.totals;
  }

  public void totals(StreamTotals totals) {
    kind = new StreamKind(kind.side, kind.env, kind.method, totals);
  }

  /** Moves what was counted since the last drain into {@code totals}; any thread, any time. */
  @CallPath
  private synchronized void drainTo(StreamTotals totals, LongStream known) {
    if (isCleanEnd() && known.drainedSent == 0) {
      // What the end has told.
      known.drainedSent = 1;
      known.drainedReceived = 1;
      known.drainedOut = wireOut;
      known.drainedIn = wireIn;
    }
    // Never back: a message may be counted in another lane a moment before it is counted at all.
    OtherLaneCounts others = known.rare().otherLane;
    long sentHere = Math.max(known.drainedSent, others == null ? sent() : sent() - others.sent());
    long receivedHere =
        Math.max(
            known.drainedReceived, others == null ? received() : received() - others.delivered());
    if (sentHere != known.drainedSent || receivedHere != known.drainedReceived) {
      totals.messages(sentHere - known.drainedSent, receivedHere - known.drainedReceived);
      known.drainedSent = sentHere;
      known.drainedReceived = receivedHere;
    }
    long out = wireOut();
    long in = wireIn();
    if (out != known.drainedOut || in != known.drainedIn) {
      totals.wireBytes(out - known.drainedOut, in - known.drainedIn);
      known.drainedOut = out;
      known.drainedIn = in;
    }
    NotReadyTime time = known.notReady;
    if (time == null) {
      return;
    }
    long nanos = Math.max(time.drainedNanos, time.nanos(env().clock));
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
    OtherLaneCounts counts = rare().otherLane;
    (counts == null ? makeOtherLane() : counts).count(inbound);
  }

  private synchronized OtherLaneCounts makeOtherLane() {
    RareParts parts = makeRare();
    if (parts.otherLane == null) {
      parts.otherLane = new OtherLaneCounts();
    }
    return parts.otherLane;
  }

  /** Counts something of the stream's that was refused to stay within bounds. */
  public void refuse(String what) {
    env().listener.refused(this, what);
  }

  /** Tells what became of the stream's lane; {@code detail} is a constant. */
  public void laneEvent(LaneEvent event, String detail) {
    int phase = state & PHASE;
    if (phase == STARTED || phase == ENDED) {
      env().listener.laneEvent(this, event, detail);
    } else {
      // The lane is not known yet; until the start only one thread is here.
      slots().append(event, detail);
    }
  }

  private void tellEarly() {
    CallSlots known = slots;
    if (known == null || known.early == null) {
      return;
    }
    env().listener.laneEvent(this, known.early, known.earlyDetail);
    for (CallSlots.EarlyLaneEvent each = known.moreEarly; each != null; each = each.next) {
      env().listener.laneEvent(this, each.event, each.detail);
    }
    known.early = null;
    known.moreEarly = null;
  }

  /** A message with a lane of its own is about to be sent or delivered. */
  public void messageInLane(String lane, String source, boolean inbound) {
    env().listener.messageInLane(this, lane, source, inbound);
  }

  // ---- state of upper packages ---------------------------------------------------------------

  private CallSlots slots() {
    if (slots == null) {
      slots = new CallSlots();
    }
    return slots;
  }

  private CallSlots knownSlots() {
    CallSlots known = slots;
    return known == null ? CallSlots.NONE : known;
  }

  /** Null while nothing is kept there; the same for the other slots. */
  @CallPath
  public ContextSlot contextSlot() {
    return knownSlots().context;
  }

  public void contextSlot(ContextSlot state) {
    slots().context = state;
  }

  @CallPath
  public TraceSlot traceSlot() {
    return knownSlots().trace;
  }

  public void traceSlot(TraceSlot state) {
    slots().trace = state;
  }

  @CallPath
  public TagSlot tagSlot() {
    return knownSlots().tag;
  }

  public void tagSlot(TagSlot state) {
    slots().tag = state;
  }

  /** Client: bytes left beside the application's headers; at 0 or below ours are not sent. */
  public int headerRoom() {
    return knownSlots().headerRoom;
  }

  public void headerRoom(int bytes) {
    slots().headerRoom = bytes;
  }

  /** 32 hex digits, or null when the stream has no trace. */
  public String traceId() {
    TraceSlot trace = knownSlots().trace;
    return trace == null ? null : trace.traceId();
  }

  /** The lower half of the trace id; 0 when the stream has no trace. */
  public long traceNumber() {
    TraceSlot trace = knownSlots().trace;
    return trace == null ? 0 : trace.traceNumber();
  }

  /** 16 hex digits, or null when the stream has no trace. */
  public String spanId() {
    TraceSlot trace = knownSlots().trace;
    return trace == null ? null : trace.spanId();
  }

  /** Whether the trace is recorded; a link to one that is not shows nothing. */
  public boolean sampled() {
    TraceSlot trace = knownSlots().trace;
    return trace != null && trace.isSampled();
  }
}
