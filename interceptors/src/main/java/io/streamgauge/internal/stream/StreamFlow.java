package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.internal.guard.CallPath;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Flow control of one stream: what the application asked for, whether it may write, and how long it
 * could not. The clock is read only at the rare edges between ready and not ready.
 *
 * <p>Readiness is a plain flag between the moments somebody asks gRPC: the application's own {@code
 * isReady}, {@code onReady}, one send in 16 and the 1 Hz watch. So a stream that is not ready for
 * less than a second, and whose application never asks, may go unnoticed; what is counted happened.
 */
abstract class StreamFlow extends StreamCounters {

  private static final AtomicLongFieldUpdater<StreamFlow> REQUESTED =
      AtomicLongFieldUpdater.newUpdater(StreamFlow.class, "requested");

  private static final int ASK_EVERY = 16;

  private volatile long requested;
  private volatile boolean outboundClosed;
  private volatile boolean inboundClosed;

  /** Null for a stream that was always ready, as most are; there before it is first not. */
  private volatile NotReadyTime blocked;

  private volatile ApplicationQueue.Node buffers;

  private long drainedSent;
  private long drainedReceived;
  private long drainedOut;
  private long drainedIn;

  StreamFlow(CallSide side, StreamEnvironment env) {
    super(side, env);
  }

  // ---- written -------------------------------------------------------------------------------

  /**
   * The application is sending a message. Called before gRPC is, so a depth is never negative.
   *
   * @return true when it is time to ask gRPC for its readiness and tell {@link #ready}
   */
  @CallPath
  public final boolean onSend() {
    long count = countSent();
    NotReadyTime times = blocked;
    if (times != null && times.isNow()) {
      times.ignore();
    }
    return (count & (ASK_EVERY - 1)) == 0;
  }

  /** The application asks for messages; any thread. */
  @CallPath
  public final void onRequest(int messages) {
    if (messages > 0) {
      REQUESTED.addAndGet(this, messages);
    }
  }

  /** What gRPC said, just now, to whether the stream may be written to. */
  @CallPath
  public final void ready(boolean ready) {
    // Before the first message nothing is pending, and after the last gRPC always says no.
    boolean nowNotReady = !ready && !outboundClosed && sent() > 0;
    if (nowNotReady != isNotReady()) {
      readyEdge(nowNotReady);
    }
  }

  private void readyEdge(boolean nowNotReady) {
    NotReadyTime times = blocked == null ? makeBlocked() : blocked;
    if (!nowNotReady) {
      times.end(env.clock);
      return;
    }
    times.begin(env.clock);
    if (outboundClosed) {
      // Closed meanwhile, by somebody who has not seen the edge: one of the two sees the other's.
      times.end(env.clock);
    }
  }

  private synchronized NotReadyTime makeBlocked() {
    if (blocked == null) {
      blocked = new NotReadyTime();
    }
    return blocked;
  }

  /** The application will send nothing more. */
  @CallPath
  public final void onOutboundClosed() {
    if (!outboundClosed) {
      outboundClosed = true;
    }
    ready(true);
  }

  /** The peer will send nothing more. */
  @CallPath
  final void closeInbound() {
    inboundClosed = true;
  }

  final boolean isInboundClosed() {
    return inboundClosed;
  }

  /** False if the stream has too many open ones already. */
  final synchronized boolean attach(ApplicationQueue buffer) {
    ApplicationQueue.Node open = ApplicationQueue.Node.open(buffers);
    int count = 0;
    for (ApplicationQueue.Node node = open; node != null; node = node.next) {
      count++;
    }
    if (count >= ApplicationQueue.MAX_PER_STREAM) {
      return false;
    }
    buffers = new ApplicationQueue.Node(buffer, open);
    return true;
  }

  // ---- read ----------------------------------------------------------------------------------

  /** Whether the stream is not writable while writes are pending. */
  public final boolean isNotReady() {
    NotReadyTime times = blocked;
    return times != null && times.isNow();
  }

  /** Whether gRPC's readiness still says something about this stream. */
  public final boolean mayWrite() {
    return !outboundClosed && sent() > 0;
  }

  /** Messages asked for and not delivered yet; 0 once the peer is done, and for single messages. */
  public final long demand() {
    return inbound() ? Math.max(0, requested - received()) : 0;
  }

  /** The application has had everything it asked for, though the peer may have more. */
  public final boolean wantsNothing() {
    return inbound() && requested <= received();
  }

  private boolean inbound() {
    return !inboundClosed && streamsInbound();
  }

  abstract boolean streamsInbound();

  /** Asks the application's own queues; its code runs on this thread, and may not return. */
  public final void askBuffers() {
    for (ApplicationQueue.Node node = buffers; node != null; node = node.next) {
      node.queue.ask(env.guard);
    }
  }

  /**
   * Messages in the application's own queues, as the watch was told last; {@link #UNKNOWN} if it
   * registered none or none was asked yet.
   */
  public final long applicationDepth() {
    long depth = UNKNOWN;
    for (ApplicationQueue.Node node = buffers; node != null; node = node.next) {
      int told = node.queue.depth();
      if (told >= 0) {
        depth = Math.max(0, depth) + told;
      }
    }
    return depth;
  }

  final void closeBuffers() {
    for (ApplicationQueue.Node node = buffers; node != null; node = node.next) {
      node.queue.close();
    }
  }

  /** Time not writable with writes pending, so far, nanoseconds. */
  public final long blockedNanos() {
    NotReadyTime times = blocked;
    return times == null ? 0 : times.nanos(env.clock);
  }

  /** Messages sent while not writable: flow control ignored. */
  public final long ignored() {
    NotReadyTime times = blocked;
    return times == null ? 0 : times.ignored();
  }

  /** Moves what was counted since the last drain into {@code totals}; any thread, any time. */
  @CallPath
  final synchronized void drainTo(StreamTotals totals) {
    // Never back: a message may be counted elsewhere a moment before it is counted at all.
    long sent = Math.max(drainedSent, sentHere());
    long received = Math.max(drainedReceived, receivedHere());
    if (sent != drainedSent || received != drainedReceived) {
      totals.messages(sent - drainedSent, received - drainedReceived);
      drainedSent = sent;
      drainedReceived = received;
    }
    long out = sumOut();
    long in = sumIn();
    if (out != drainedOut || in != drainedIn) {
      totals.wireBytes(out - drainedOut, in - drainedIn);
      drainedOut = out;
      drainedIn = in;
    }
    NotReadyTime times = blocked;
    if (times == null) {
      return;
    }
    long nanos = Math.max(times.drainedNanos, times.nanos(env.clock));
    long ignored = times.ignored();
    if (nanos != times.drainedNanos || ignored != times.drainedIgnored) {
      totals.blocked(nanos - times.drainedNanos, ignored - times.drainedIgnored);
      times.drainedNanos = nanos;
      times.drainedIgnored = ignored;
    }
  }
}
