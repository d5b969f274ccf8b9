package io.streamgauge.routing;

import io.grpc.CallOptions;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.streamgauge.spi.CallRouting;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Counts attempts with the gauge that follows the call on the wire; where none does, as under the
 * agent, whose gauge is out of reach, through OpenTelemetry's global API. It never throws: it is
 * called from a tracer, and a tracer that throws hangs the call.
 */
final class GrayCounts {

  private static final Logger logger = Logger.getLogger("io.streamgauge.routing");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("outcome");

  /** Not before the application has set OpenTelemetry up: to ask would set it to nothing. */
  private volatile LongCounter global;

  void attempt(CallOptions options, GrayOutcome outcome) {
    try {
      if (!CallRouting.routed(options, outcome.label())) {
        LongCounter counter = global();
        if (counter != null) {
          counter.add(1, Attributes.of(OUTCOME, outcome.label()));
        }
      }
    } catch (Throwable e) {
      logger.log(Level.FINE, "an attempt was not counted", e);
    }
  }

  /** Null as long as there is nothing to count with. */
  private LongCounter global() {
    LongCounter known = global;
    if (known == null && GlobalOpenTelemetry.isSet()) {
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
