package io.streamgauge.stream;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * One attempt of a client call on the wire. A call has one, or several with retries and hedging;
 * each is written by the thread of its own transport stream.
 */
public final class StreamAttempt {

  private static final AtomicLongFieldUpdater<StreamAttempt> FRAMED =
      AtomicLongFieldUpdater.newUpdater(StreamAttempt.class, "framed");
  private static final AtomicLongFieldUpdater<StreamAttempt> ARRIVED =
      AtomicLongFieldUpdater.newUpdater(StreamAttempt.class, "arrived");

  private volatile long framed;
  private volatile long arrived;

  /** The next older open attempt of the call; guarded by the recorder. */
  StreamAttempt next;

  /** A message left the connect stage: it has a transport stream to go to. */
  public void onFramed() {
    FRAMED.lazySet(this, framed + 1);
  }

  /** A message was read from the wire and handed towards the application's thread. */
  public void onArrived() {
    ARRIVED.lazySet(this, arrived + 1);
  }

  long framed() {
    return framed;
  }

  long arrived() {
    return arrived;
  }
}
