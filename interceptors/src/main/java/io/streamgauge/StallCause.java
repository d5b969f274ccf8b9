package io.streamgauge;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Why a stream stands still, in the order in which causes are looked for; the first that fits. */
public enum StallCause {
  /** Messages wait for a name or a connection. */
  NOT_CONNECTED(0, "not_connected"),
  /**
   * The call's headers wait for another call to end: the peer's limit of concurrent streams on the
   * connection (HTTP/2's MAX_CONCURRENT_STREAMS) is reached. The peer has not seen the call.
   */
  STREAM_LIMIT(1, "stream_limit"),
  /**
   * The call's headers have not left this process, and nothing shows whether the transport thread
   * works: it is blocked, the socket takes no bytes, or it is the limit of {@link #STREAM_LIMIT}.
   */
  HEADERS_NOT_SENT(2, "headers_not_sent"),
  /** Messages wait for this side's executor, handler or the application's own queue. */
  HANDLER_BUSY(3, "handler_busy"),
  /** Messages wait for the transport: the peer, or the network, does not take them. */
  PEER_NOT_READING(4, "peer_not_reading"),
  /** The application has had all it asked for and does not ask for more. */
  NO_DEMAND(5, "no_demand");

  private static final List<StallCause> ON_CLIENT =
      Collections.unmodifiableList(Arrays.asList(values()));

  private static final List<StallCause> ON_SERVER =
      Collections.unmodifiableList(Arrays.asList(HANDLER_BUSY, PEER_NOT_READING, NO_DEMAND));

  /** How many causes there are. */
  public static final int COUNT = 6;

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

  /** The causes a stream of that side may have, in their order: only a client's call can wait. */
  public static List<StallCause> of(CallSide side) {
    return side == CallSide.CLIENT ? ON_CLIENT : ON_SERVER;
  }
}
