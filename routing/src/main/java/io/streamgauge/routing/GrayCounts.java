package io.streamgauge.routing;

import io.grpc.CallOptions;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.streamgauge.Streamgauge;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Counts attempts with the gauge that watches the call; where none does, as under the agent, whose
 * gauge is out of reach, through OpenTelemetry's global API. It never throws: it is called from a
 * tracer, and a tracer that throws hangs the call.
 */
final class GrayCounts {

  private static final Logger logger = Logger.getLogger("io.streamgauge.routing");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("outcome");

  /** Made late: the application may set up OpenTelemetry after its first channel. */
  private volatile LongCounter global;

  void attempt(CallOptions options, GrayOutcome outcome) {
    try {
      if (!Streamgauge.routed(options, outcome.label())) {
        global().add(1, Attributes.of(OUTCOME, outcome.label()));
      }
    } catch (RuntimeException | LinkageError e) {
      logger.log(Level.FINE, "an attempt was not counted", e);
    }
  }

  private LongCounter global() {
    LongCounter known = global;
    if (known == null) {
      known =
          GlobalOpenTelemetry.getMeter("io.streamgauge.routing")
              .counterBuilder("grpc.gray.attempts")
              .setDescription("Attempts of calls, by how they were routed.")
              .build();
      global = known;
    }
    return known;
  }
}
