package io.streamgauge.stream;

import io.streamgauge.guard.CallPath;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * One attempt of a client call on the wire. A call has one, or several with retries and hedging;
 * each is written by the threads of its own transport stream, one per field at a time.
 */
public final class StreamAttempt {

  private static final AtomicLongFieldUpdater<StreamAttempt> FRAMED =
      AtomicLongFieldUpdater.newUpdater(StreamAttempt.class, "framed");
  private static final AtomicLongFieldUpdater<StreamAttempt> ARRIVED =
      AtomicLongFieldUpdater.newUpdater(StreamAttempt.class, "arrived");
  private static final AtomicLongFieldUpdater<StreamAttempt> WIRE_OUT =
      AtomicLongFieldUpdater.newUpdater(StreamAttempt.class, "wireOut");
  private static final AtomicLongFieldUpdater<StreamAttempt> WIRE_IN =
      AtomicLongFieldUpdater.newUpdater(StreamAttempt.class, "wireIn");

  private final StreamWire stream;
  private volatile long framed;
  private volatile long arrived;
  private volatile long wireOut;
  private volatile long wireIn;

  /** The next older open attempt of the call; guarded by the recorder. */
  StreamAttempt next;

  /** Null unless somebody tells them; guarded by the recorder. */
  StreamBytes bytes;

  StreamAttempt(StreamWire stream) {
    this.stream = stream;
  }

  /** A message left the connect stage: it has a transport stream to go to. */
  @CallPath
  public void onFramed() {
    FRAMED.lazySet(this, framed + 1);
  }

  /** A message was read from the wire and handed towards the application's thread. */
  @CallPath
  public void onArrived() {
    long count = arrived + 1;
    if (stream.env.times(count)) {
      stream.timer().arrived(count);
    }
    ARRIVED.lazySet(this, count);
  }

  @CallPath(bytes = true)
  public void onWireOut(long bytes) {
    WIRE_OUT.lazySet(this, wireOut + bytes);
  }

  @CallPath(bytes = true)
  public void onWireIn(long bytes) {
    WIRE_IN.lazySet(this, wireIn + bytes);
  }

  long framed() {
    return framed;
  }

  long arrived() {
    return arrived;
  }

  long wireOut() {
    return wireOut;
  }

  long wireIn() {
    return wireIn;
  }
}
