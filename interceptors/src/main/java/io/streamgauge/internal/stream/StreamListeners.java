package io.streamgauge.internal.stream;

import io.streamgauge.StallCause;
import io.streamgauge.internal.guard.Guard;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Several listeners as one; a fault in one is swallowed and keeps none of the others from hearing.
 * What happens with each call or message is told to those only that have a method for it.
 */
public final class StreamListeners implements StreamListener {

  /** Sites of swallowed faults. */
  private static final String STARTED = "listener.started";

  private static final String ENDED = "listener.ended";
  private static final String TIMED = "listener.timed";
  private static final String RARE = "listener.rare";

  private final Guard guard;
  private final StreamListener[] listeners;

  // Those of them that hear it, in the same order.

  private final StreamListener[] ofStart;
  private final StreamListener[] ofEnd;
  private final StreamListener[] ofQueue;
  private final StreamListener[] ofHandler;
  private final StreamListener[] ofLane;
  private final StreamListener[] ofMessageLane;

  public StreamListeners(Guard guard, List<StreamListener> listeners) {
    this.guard = guard;
    this.listeners = listeners.toArray(new StreamListener[0]);
    ofStart = hearing("started", StreamRecorder.class);
    ofEnd = hearing("ended", StreamRecorder.class, long.class);
    ofQueue = hearing("queued", StreamRecorder.class, long.class);
    ofHandler = hearing("held", StreamRecorder.class, long.class);
    ofLane = hearing("laneEvent", StreamRecorder.class, LaneEvent.class, String.class);
    ofMessageLane =
        hearing("messageInLane", StreamRecorder.class, String.class, String.class, boolean.class);
  }

  /** The listeners whose class has that method of its own. */
  private StreamListener[] hearing(String method, Class<?>... parameters) {
    List<StreamListener> hearing = new ArrayList<>();
    for (StreamListener listener : listeners) {
      try {
        Method found = listener.getClass().getMethod(method, parameters);
        if (found.getDeclaringClass() != StreamListener.class) {
          hearing.add(listener);
        }
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }
    return hearing.toArray(new StreamListener[0]);
  }

  // A loop with a lambda is fine here: none of this runs per message or per call; what does is
  // written out.
  private void each(String site, Consumer<StreamListener> tell) {
    for (StreamListener listener : listeners) {
      try {
        tell.accept(listener);
      } catch (Throwable t) {
        guard.swallow(site, t);
      }
    }
  }

  @Override
  public void started(StreamRecorder stream) {
    for (StreamListener listener : ofStart) {
      try {
        listener.started(stream);
      } catch (Throwable t) {
        guard.swallow(STARTED, t);
      }
    }
  }

  @Override
  public void ended(StreamRecorder stream, long nowNanos) {
    for (StreamListener listener : ofEnd) {
      try {
        listener.ended(stream, nowNanos);
      } catch (Throwable t) {
        guard.swallow(ENDED, t);
      }
    }
  }

  @Override
  public void firstMessage(StreamRecorder stream, long nanos) {
    each(TIMED, listener -> listener.firstMessage(stream, nanos));
  }

  @Override
  public void waitedAtLimit(StreamRecorder stream, long nanos) {
    each(TIMED, listener -> listener.waitedAtLimit(stream, nanos));
  }

  @Override
  public void queued(StreamRecorder stream, long nanos) {
    for (StreamListener listener : ofQueue) {
      try {
        listener.queued(stream, nanos);
      } catch (Throwable t) {
        guard.swallow(TIMED, t);
      }
    }
  }

  @Override
  public void held(StreamRecorder stream, long nanos) {
    for (StreamListener listener : ofHandler) {
      try {
        listener.held(stream, nanos);
      } catch (Throwable t) {
        guard.swallow(TIMED, t);
      }
    }
  }

  @Override
  public void stalled(StreamRecorder stream, StallCause cause) {
    each(RARE, listener -> listener.stalled(stream, cause));
  }

  @Override
  public void checked(StreamRecorder stream, long nowNanos) {
    each(RARE, listener -> listener.checked(stream, nowNanos));
  }

  @Override
  public void refused(StreamRecorder stream, String what) {
    each(RARE, listener -> listener.refused(stream, what));
  }

  @Override
  public void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {
    for (StreamListener listener : ofLane) {
      try {
        listener.laneEvent(stream, event, detail);
      } catch (Throwable t) {
        guard.swallow(RARE, t);
      }
    }
  }

  @Override
  public void messageInLane(StreamRecorder stream, String tag, String source, boolean inbound) {
    for (StreamListener listener : ofMessageLane) {
      try {
        listener.messageInLane(stream, tag, source, inbound);
      } catch (Throwable t) {
        guard.swallow(RARE, t);
      }
    }
  }

  @Override
  public void resumed(StreamRecorder stream, StallCause cause, long nanos) {
    each(RARE, listener -> listener.resumed(stream, cause, nanos));
  }
}
