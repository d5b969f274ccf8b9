package io.streamgauge.internal.live;

import io.streamgauge.CallSide;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.CallHandle;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Looks at every live stream once a second and says which stand still, and why. Nothing it does
 * holds up a stream.
 *
 * <p>A look runs code of the application: the depths of its queues, and the {@code isReady} of its
 * interceptors; and, where a call's headers do not leave, code of its transport. That code may wait
 * for a lock which is never freed, and this is when a look is needed most. So two daemon threads
 * work here. One looks; the other one wakes it each second and, where it has been inside the
 * application's code of one stream for a second, leaves it there and starts another one. That
 * stream's code is not called again until it has returned; what it said last is shown.
 */
public final class StallWatch implements AutoCloseable {

  private static final String SITE = "stall.watch";
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Threads that may be left inside the application's code; beyond them it is not called. */
  private static final int MAX_STUCK = 8;

  /** A look that comes a little early must not put the answer off to the next. */
  static final long SLACK_NANOS = 100_000_000;

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private static final long ABANDONED_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Guard guard;
  private final StreamEnvironment env;
  private final LiveStreams live;
  private final ToLongFunction<WatchedMethod> afterNanos;
  private final Thread thread;
  private final AtomicInteger stuckLookers = new AtomicInteger();

  /** Written by the supervising thread, read by {@link #close}. */
  private volatile Looker looker;

  private volatile boolean closed;

  /**
   * Makes a watch.
   *
   * @param afterNanos how long a method's streams may stand still before they count as stalled
   */
  public StallWatch(
      Guard guard,
      StreamEnvironment env,
      LiveStreams live,
      ToLongFunction<WatchedMethod> afterNanos) {
    this.guard = guard;
    this.env = env;
    this.live = live;
    this.afterNanos = afterNanos;
    this.thread = new Thread(this::run, "streamgauge-watch");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try {
        supervise();
        TimeUnit.NANOSECONDS.sleep(PERIOD_NANOS);
      } catch (InterruptedException e) {
        return;
      } catch (Throwable fatal) {
        // Passed on by the guard; the one thread that supervises must go on, if anything can.
        Thread.yield();
      }
    }
  }

  private void supervise() {
    Looker now = looker;
    if (now == null || !now.isAlive() || (now.isStuck() && leave(now))) {
      now = new Looker();
      looker = now;
      now.start();
    }
    now.wake();
  }

  /**
   * The thread stays where it is; it ends itself should the application's code return.
   *
   * @return false if the code has just returned
   */
  private boolean leave(Looker stuck) {
    StreamRecorder stream;
    synchronized (stuck) {
      stream = stuck.inside;
      if (stream == null) {
        return false;
      }
      stuck.left = true;
      stream.stuck(true);
      stuckLookers.incrementAndGet();
    }
    stream.refuse("stuck_callback");
    logger.log(
        Level.WARNING,
        "A queue's depth or the isReady of {0} has not returned for a second. The watch asks again"
            + " once it has returned; until then the gauge shows its last value.",
        stream.method().fullName());
    return true;
  }

  /** One thread that looks. */
  private final class Looker extends Thread {
    private final Semaphore due = new Semaphore(0);

    /** Whose code runs now; null between two streams. Guarded by this object. */
    private StreamRecorder inside;

    /** Written by the supervising thread under this object's monitor; this one then ends. */
    private volatile boolean left;

    /** Whose code ran when the supervising thread looked last; used by that thread alone. */
    private StreamRecorder seen;

    Looker() {
      super("streamgauge-look");
      setDaemon(true);
    }

    /** Whether it is in the code of the stream it was in a second ago. */
    synchronized boolean isStuck() {
      StreamRecorder now = inside;
      boolean same = now != null && now == seen;
      seen = now;
      return same;
    }

    synchronized void enter(StreamRecorder stream) {
      inside = stream;
    }

    synchronized void exit(StreamRecorder stream) {
      inside = null;
      if (left) {
        stream.stuck(false);
        stuckLookers.decrementAndGet();
      }
    }

    void wake() {
      if (due.availablePermits() == 0) {
        due.release();
      }
    }

    @Override
    public void run() {
      while (!closed && !left) {
        try {
          due.acquire();
          live.forEach(stream -> look(stream, this));
        } catch (InterruptedException e) {
          return;
        } catch (Throwable t) {
          guard.swallow(SITE, t);
        }
      }
    }
  }

  /** One look at all streams, on the calling thread. */
  public void tick() {
    try {
      live.forEach(stream -> look(stream, null));
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
  }

  /**
   * One look at one stream.
   *
   * @param by the thread that is supervised; null for another one
   */
  private void look(StreamRecorder stream, Looker by) {
    if (by != null && by.left) {
      return;
    }
    try {
      if (!stream.seen()) {
        return;
      }
      if (!stream.hasOpenAttempt()) {
        stream.loosen();
      }
      BooleanSupplier readiness = stream.owner();
      if (readiness instanceof CallHandle && isAbandoned(stream, (CallHandle) readiness)) {
        stream.endUntold();
        return;
      }
      if (!stream.isStuck() && stuckLookers.get() < MAX_STUCK) {
        askApplication(stream, readiness, by);
        if (by != null && by.left) {
          return;
        }
      }
      long now = env.clock.nanoTime();
      long applicationDepth = stream.applicationDepth();
      long still = stream.stillNanos(now, applicationDepth);
      if (still == StreamRecorder.UNKNOWN) {
        stream.found(null, now);
      } else if (still >= afterNanos.applyAsLong(stream.method()) - SLACK_NANOS) {
        stream.found(StallCauses.of(stream, applicationDepth), now);
      }
      env.listener.checked(stream, now);
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
  }

  private void askApplication(StreamRecorder stream, BooleanSupplier readiness, Looker by) {
    if (by != null) {
      by.enter(stream);
    }
    try {
      stream.askQueues();
      if (stream.side() == CallSide.CLIENT) {
        stream.lookAtConnections();
      }
      if (readiness != null && stream.mayWrite()) {
        stream.ready(readiness.getAsBoolean());
      }
    } finally {
      if (by != null) {
        by.exit(stream);
      }
    }
  }

  /**
   * Whether gRPC will not tell the end of a call: its executor dropped it, or the application does
   * not ask for it (a blocking call that is cancelled and kept). The application has cancelled it
   * and the transport is done; or its call is garbage; or it is off the wire and has not moved for
   * so long that no retry can be meant.
   */
  private boolean isAbandoned(StreamRecorder stream, CallHandle owner) {
    return stream.isOverUntold()
        || (owner.isGone() && !stream.hasOpenAttempt())
        || (stream.isOffTheWire()
            && stream.handlerDepth() == 0
            && env.clock.nanoTime() - stream.movedNanos() > ABANDONED_NANOS);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    Looker now = looker;
    if (now != null) {
      now.interrupt();
    }
  }
}
