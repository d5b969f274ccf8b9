package io.streamgauge.internal.stream;

import io.streamgauge.spi.BytesHook;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Bytes that wait inside gRPC for one transport stream, told by advice in gRPC's own classes. Each
 * field has one writer at a time, as gRPC's framer, event loop and deframer have; what is known is
 * kept stage by stage, because the hooks may fail one by one.
 */
public final class TransportBytes implements BytesHook {

  private static final AtomicLongFieldUpdater<TransportBytes> FRAMED =
      AtomicLongFieldUpdater.newUpdater(TransportBytes.class, "framed");
  private static final AtomicLongFieldUpdater<TransportBytes> WRITTEN =
      AtomicLongFieldUpdater.newUpdater(TransportBytes.class, "written");
  private static final AtomicLongFieldUpdater<TransportBytes> UNREAD =
      AtomicLongFieldUpdater.newUpdater(TransportBytes.class, "unread");

  /** Set once, by the thread that makes the transport stream; scrapes and the watch read it. */
  private volatile boolean transport;

  private volatile long framed;
  private volatile long written;

  /** Below zero until a hook has told it. */
  private volatile long unread = StreamRecorder.UNKNOWN;

  /** Set once, by the thread that makes the transport stream; the watch reads it. */
  private volatile Executor transportThread;

  /** Whether {@link #probe} waits for the transport thread. */
  private volatile boolean probing;

  /** What had been written at the watch's last look; used by the watch alone. */
  private long lookedWritten;

  TransportBytes() {}

  @Override
  public void bindTransport() {
    transport = true;
  }

  @Override
  public void transportThread(Executor thread) {
    transportThread = thread;
  }

  /** Asks the transport thread to run that, unless it has not come to the last one yet. */
  void probe(Runnable alive) {
    Executor thread = transportThread;
    if (thread == null || probing) {
      return;
    }
    probing = true;
    try {
      thread.execute(
          () -> {
            probing = false;
            alive.run();
          });
    } catch (RuntimeException gone) {
      // The transport has ended; there is nothing to learn.
      probing = false;
    }
  }

  @Override
  public void onFramed(int bytes) {
    FRAMED.lazySet(this, framed + bytes);
  }

  @Override
  public void onWritten(int bytes) {
    WRITTEN.lazySet(this, written + bytes);
  }

  @Override
  public void unread(int bytes) {
    UNREAD.lazySet(this, bytes);
  }

  long transport() {
    if (!transport) {
      return StreamRecorder.UNKNOWN;
    }
    // Read before what was framed: a frame in between may be seen as waiting, never as minus one.
    long left = written;
    return Math.max(0, framed - left);
  }

  long written() {
    return written;
  }

  /** For the watch, at each look: whether bytes wait and none was written since the last look. */
  boolean isBacklogged() {
    long now = written;
    boolean same = now == lookedWritten;
    lookedWritten = now;
    return same && transport() > 0;
  }

  long deframer() {
    return unread;
  }
}
