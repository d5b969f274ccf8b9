package io.streamgauge.stream;

import io.streamgauge.guard.Guard;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/**
 * Looks at every live stream once a second and says which stand still, and why. One daemon thread,
 * started with the first stream's gauge; nothing it does holds up a stream.
 */
public final class StallWatch implements AutoCloseable {

  private static final String SITE = "stall.watch";
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long ABANDONED_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Guard guard;
  private final StreamEnv env;
  private final LiveStreams live;
  private final ToLongFunction<StreamMethod> afterNanos;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Makes a watch.
   *
   * @param afterNanos how long a method's streams may stand still before they count as stalled
   */
  public StallWatch(
      Guard guard, StreamEnv env, LiveStreams live, ToLongFunction<StreamMethod> afterNanos) {
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
      long begun = System.nanoTime();
      try {
        tick();
      } catch (Throwable fatal) {
        // Passed on by the guard; the one thread that looks must look again, if anything can.
        Thread.yield();
      }
      long left = PERIOD_NANOS - (System.nanoTime() - begun);
      try {
        TimeUnit.NANOSECONDS.sleep(Math.max(PERIOD_NANOS / 10, left));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** One look at all streams. */
  public void tick() {
    try {
      live.forEach(this::look);
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
  }

  private void look(StreamRecorder stream) {
    try {
      BooleanSupplier readiness = stream.readiness;
      if (readiness instanceof StreamOwner && isAbandoned(stream, (StreamOwner) readiness)) {
        stream.end(stream.lastCode(), "abandoned");
        return;
      }
      if (readiness != null && stream.mayWrite()) {
        stream.ready(readiness.getAsBoolean());
      }
      long now = env.clock.nanoTime();
      stream.tick(now, afterNanos.applyAsLong(stream.method()));
      env.listener.looked(stream, now);
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
  }

  /**
   * The transport is done, but the application's executor dropped the end, or nobody ever asked for
   * it. Either its call is garbage already, or gRPC keeps it and it has not moved for so long that
   * no retry can be meant.
   */
  private boolean isAbandoned(StreamRecorder stream, StreamOwner owner) {
    return stream.isOffTheWire()
        && (owner.isGone()
            || (stream.handlerDepth() == 0
                && env.clock.nanoTime() - stream.movedNanos() > ABANDONED_NANOS));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
