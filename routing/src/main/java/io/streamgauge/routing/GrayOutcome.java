package io.streamgauge.routing;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import java.util.Locale;

/** How an attempt was routed; the label {@code outcome} of {@code grpc_gray_attempts_total}. */
enum GrayOutcome {
  /** To the lane of its tag. */
  MATCH,
  /** Untagged, to the baseline. */
  BASELINE,
  /** To another lane: no endpoint has its tag. */
  FALLBACK_NO_ENDPOINT,
  /** To another lane: its lane cannot be connected to. */
  FALLBACK_UNHEALTHY,
  /** To another lane: its lane has not connected in the time allowed. */
  FALLBACK_SLOW_CONNECT,
  /** Refused: there was no lane it may use. */
  REJECTED;

  private final String label = name().toLowerCase(Locale.ROOT);

  String label() {
    return label;
  }

  /**
   * Counts when an attempt gets its stream: a pick may be made more than once for it. What the
   * lane's own policy wants traced goes on.
   */
  ClientStreamTracer.Factory counting(GrayCounts counts, ClientStreamTracer.Factory childs) {
    return new ClientStreamTracer.Factory() {
      @Override
      public ClientStreamTracer newClientStreamTracer(
          ClientStreamTracer.StreamInfo info, Metadata headers) {
        counts.attempt(info.getCallOptions(), GrayOutcome.this);
        return childs == null ? Nothing.INSTANCE : childs.newClientStreamTracer(info, headers);
      }
    };
  }

  /** gRPC tells a balancer's tracer from none by identity, so it must be one of its own. */
  private static final class Nothing extends ClientStreamTracer {
    static final Nothing INSTANCE = new Nothing();
  }
}
