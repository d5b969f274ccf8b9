package io.streamgauge.stream;

import io.streamgauge.guard.Guard;
import java.util.List;

/**
 * Several listeners as one; a fault in one is swallowed and keeps none of the others from hearing.
 */
public final class StreamListeners implements StreamListener {

  /** Sites of swallowed faults. */
  public static final String STARTED = "listener.started";

  public static final String ENDED = "listener.ended";

  private final Guard guard;
  private final StreamListener[] listeners;

  public StreamListeners(Guard guard, List<StreamListener> listeners) {
    this.guard = guard;
    this.listeners = listeners.toArray(new StreamListener[0]);
  }

  @Override
  public void started(StreamRecorder stream) {
    for (StreamListener listener : listeners) {
      try {
        listener.started(stream);
      } catch (Throwable t) {
        guard.swallow(STARTED, t);
      }
    }
  }

  @Override
  public void ended(StreamRecorder stream) {
    for (StreamListener listener : listeners) {
      try {
        listener.ended(stream);
      } catch (Throwable t) {
        guard.swallow(ENDED, t);
      }
    }
  }
}
