package io.streamgauge.internal.grpc;

import io.streamgauge.internal.stream.StreamRecorder;

/** Port: joins single messages. It is asked for each, so there is none unless it was configured. */
public interface MessagePort {

  /** The message to send instead; the same where there is nothing to add. */
  <T> T outgoing(StreamRecorder stream, T message);

  /** The message to hand to the application instead; the same where it may have it as it is. */
  <T> T incoming(StreamRecorder stream, T message);

  /**
   * A message is about to be handled on this thread.
   *
   * @return what {@link #exit} needs, or null if the message has nothing of its own
   */
  Object enter(StreamRecorder stream, Object message);

  /** It has been handled, on the same thread. */
  void exit(Object entered);
}
