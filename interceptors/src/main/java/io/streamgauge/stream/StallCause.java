package io.streamgauge.stream;

/** Why a stream stands still, in the order in which causes are looked for; the first that fits. */
public enum StallCause {
  /** Messages wait for a name or a connection. */
  NOT_CONNECTED(0, "not_connected"),
  /** Messages wait for this side's executor, handler or the application's own queue. */
  HANDLER_BUSY(1, "handler_busy"),
  /** Messages wait for the transport: the peer, or the network, does not take them. */
  PEER_NOT_READING(2, "peer_not_reading"),
  /** The application has had all it asked for and does not ask for more. */
  NO_DEMAND(3, "no_demand");

  /** How many causes there are. */
  public static final int COUNT = 4;

  private final int index;
  private final String label;

  StallCause(int index, String label) {
    this.index = index;
    this.label = label;
  }

  /** From 0 to {@link #COUNT} - 1, for arrays. */
  public int index() {
    return index;
  }

  /** The value of the {@code cause} label. */
  public String label() {
    return label;
  }

  /**
   * The cause a stream would have if it stood still now.
   *
   * @param applicationDepth read before, outside every lock
   * @return null if it is merely idle: nothing is queued and the peer may speak (peer_silent)
   */
  static StallCause of(StreamRecorder stream, long applicationDepth) {
    if (stream.connectDepth() > 0) {
      return NOT_CONNECTED;
    }
    if (stream.executorDepth() > 0 || stream.handlerDepth() > 0 || applicationDepth > 0) {
      return HANDLER_BUSY;
    }
    // A queue below gRPC's threshold for readiness stands just as still; the agent sees it.
    if (stream.isNotReady() || stream.transportBytes() > 0) {
      return PEER_NOT_READING;
    }
    return stream.wantsNothing() ? NO_DEMAND : null;
  }
}
