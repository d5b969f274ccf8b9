package io.streamgauge.internal.stream;

import java.util.function.BooleanSupplier;

/**
 * Port: asks gRPC about a stream's readiness, and knows when no callback can tell its end any more.
 */
public interface CallHandle extends BooleanSupplier {

  /** Whether call and listener are unreachable: no callback will ever come. */
  boolean isGone();

  /** What reaches the same call without keeping it; this one if it does not keep it. */
  default CallHandle weak() {
    return this;
  }

  /** The connection the call is on, or null where that is not known here. */
  default Connection connection() {
    return null;
  }

  /** Client: the first attempt has a transport stream on that connection. */
  default void connection(Connection connection) {}
}
