package io.streamgauge.internal.stream;

import io.streamgauge.StallCause;

/**
 * Port: hears the rare moments of a stream's life; of messages, only the sampled ones. What an
 * implementation throws is swallowed by the caller.
 */
public interface StreamListener {

  /** The stream's method and headers are known; it is about to be the application's. */
  default void started(StreamRecorder stream) {}

  /**
   * The stream's one end. {@link StreamRecorder#code()} and {@link StreamRecorder#description()}
   * are set. Runs on the thread that learnt of it, often the transport's: it must not block.
   *
   * @param nowNanos when it was told; {@link StreamRecorder#endNanos} may lie before it
   */
  default void ended(StreamRecorder stream, long nowNanos) {}

  /** The first message was delivered, {@code nanos} after the stream's start. */
  default void firstMessage(StreamRecorder stream, long nanos) {}

  /**
   * The headers of an attempt waited {@code nanos} for the peer's limit of concurrent streams,
   * until they left or the attempt ended. Called on the thread that saw that, often the
   * transport's.
   */
  default void waitedAtLimit(StreamRecorder stream, long nanos) {}

  /** A sampled message waited {@code nanos} for the application's thread. */
  default void queued(StreamRecorder stream, long nanos) {}

  /** A sampled message was inside the application's callback for {@code nanos}. */
  default void held(StreamRecorder stream, long nanos) {}

  /**
   * The stream has stood still for its threshold, for {@code cause}; again if the cause changes.
   */
  default void stalled(StreamRecorder stream, StallCause cause) {}

  /** The watch has checked the open stream, once a second; after {@link #stalled} if that came. */
  default void checked(StreamRecorder stream, long nowNanos) {}

  /** Something of the stream's was refused to stay within bounds; {@code what} is a constant. */
  default void refused(StreamRecorder stream, String what) {}

  /**
   * Something became of the lane of the stream, or of a message.
   *
   * @param detail a constant, by the kind of event
   */
  default void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {}

  /**
   * A message with a lane of its own is about to be counted.
   *
   * @param source where the lane came from
   * @param inbound delivered to the application; else sent by it
   */
  default void messageInLane(StreamRecorder stream, String lane, String source, boolean inbound) {}

  /** The stream moves again, has ended or is merely idle; it stood still for {@code nanos}. */
  default void resumed(StreamRecorder stream, StallCause cause, long nanos) {}
}
