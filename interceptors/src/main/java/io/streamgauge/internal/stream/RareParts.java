package io.streamgauge.internal.stream;

/**
 * What few streams have. Made under the monitor of their {@link StreamRecorder}, which is then in
 * its place before another thread can look for it.
 */
final class RareParts {

  /** Stands for nothing kept; never written. */
  static final RareParts NONE = new RareParts();

  /** Of an end that has one. The thread whose end is the stream's writes it, before that end. */
  volatile String description;

  /** Messages that are counted in another lane than the stream's. */
  volatile OtherLaneCounts otherLane;

  /** The application's own; replaced as a whole under the recorder's monitor. */
  volatile ApplicationQueue.Node queues;

  /** Of the server's transport stream, or the client's first, where hooks inside gRPC tell them. */
  volatile TransportBytes bytes;

  /** Client: the transport streams after the first, with retries and hedging. */
  volatile TransportAttempts attempts;

  /** Client: the connection of the latest attempt after the first. */
  volatile Connection connection;

  /**
   * Client: when the first attempt had a transport stream, where that is a second or more after the
   * start; 0 otherwise. Written by the thread that makes the transport stream.
   */
  volatile long connectedNanos;

  /** Whether hooks inside gRPC have told anything of bytes; only ever set. */
  volatile boolean tellsBytes;

  /**
   * Whether the application's code has not returned to the watch. The supervising thread sets it;
   * the thread that comes back from the code clears it; the looking thread reads it and then does
   * not ask the stream. Volatile, because these are different threads.
   */
  volatile boolean stuck;

  /**
   * When a stream was over whose end the watch tells; 0 for any other. Written and read by the
   * thread that tells the end.
   */
  long overNanos;

  /** Client: when the first attempt of a cancelled call closed; 0 before. */
  volatile long closedNanos;

  /**
   * Server: the one message of a method that has one, from the callback that brings it to the one
   * in which stubs act on it. Both are the application's, one after the other.
   */
  Object pendingMessage;
}
