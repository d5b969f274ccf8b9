package io.streamgauge.internal.stream;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Bytes that wait inside gRPC for one transport stream, told by advice in gRPC's own classes. Each
 * field has one writer at a time, as gRPC's framer, event loop and deframer have; what is known is
 * kept stage by stage, because the hooks may fail one by one.
 */
public final class TransportBytes {

  private static final AtomicLongFieldUpdater<TransportBytes> FRAMED =
      AtomicLongFieldUpdater.newUpdater(TransportBytes.class, "framed");
  private static final AtomicLongFieldUpdater<TransportBytes> WRITTEN =
      AtomicLongFieldUpdater.newUpdater(TransportBytes.class, "written");
  private static final AtomicLongFieldUpdater<TransportBytes> UNREAD =
      AtomicLongFieldUpdater.newUpdater(TransportBytes.class, "unread");

  private volatile boolean transport;
  private volatile long framed;
  private volatile long written;

  /** Below zero while nobody tells. */
  private volatile long unread = StreamWire.UNKNOWN;

  private volatile Executor transportThread;

  /** Whether {@link #probe} waits for the transport thread. */
  private volatile boolean probing;

  TransportBytes() {}

  /** The transport's hooks are in place. */
  public void bindTransport() {
    transport = true;
  }

  /** What runs something on the transport thread of the stream. */
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

  /** The framer hands bytes to the transport, the five-byte prefix of a message included. */
  public void onFramed(int bytes) {
    FRAMED.lazySet(this, framed + bytes);
  }

  /** The transport has written bytes to the socket. */
  public void onWritten(int bytes) {
    WRITTEN.lazySet(this, written + bytes);
  }

  /** What has arrived and was not asked for is {@code bytes} now. */
  public void unread(int bytes) {
    UNREAD.lazySet(this, bytes);
  }

  long transport() {
    if (!transport) {
      return StreamWire.UNKNOWN;
    }
    // Read before what was framed: a frame in between may be seen as waiting, never as minus one.
    long left = written;
    return Math.max(0, framed - left);
  }

  long written() {
    return written;
  }

  long deframer() {
    return unread;
  }
}
