package io.streamgauge.internal.grpc;

import io.streamgauge.internal.stream.StreamRecorder;

/** Port: makes something current on the thread while a callback of the application runs. */
public interface ScopePort {

  /** Makes nothing current. */
  ScopePort NONE =
      new ScopePort() {
        @Override
        public Object enter(StreamRecorder stream) {
          return null;
        }

        @Override
        public void exit(StreamRecorder stream, Object entered) {}
      };

  /**
   * @return what {@link #exit} needs to restore the thread, or null if there is nothing to restore
   */
  Object enter(StreamRecorder stream);

  /** Restores the thread; called on the thread of the matching {@link #enter}, in reverse order. */
  void exit(StreamRecorder stream, Object entered);
}
