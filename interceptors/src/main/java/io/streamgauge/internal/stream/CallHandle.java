package io.streamgauge.internal.stream;

import java.util.function.BooleanSupplier;

/**
 * Port: asks gRPC about a stream's readiness, and knows when no callback can tell its end any more.
 */
public interface CallHandle extends BooleanSupplier {

  /** Whether call and listener are unreachable: no callback will ever come. */
  boolean isGone();
}
