package io.streamgauge.ordersync.telemetry;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.Map;

/**
 * Where an update comes from: its trace, and whether its order is gray. It outlives the process as
 * a line of text, so that what is done later still belongs to the order's trace and lane.
 */
public record Origin(Context context, boolean gray) {

  private static final String TRACEPARENT = "traceparent";

  private static final TextMapGetter<Map<String, String>> GETTER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> carrier) {
          return carrier.keySet();
        }

        @Override
        public String get(Map<String, String> carrier, String key) {
          return carrier == null ? null : carrier.get(key);
        }
      };

  /** The W3C traceparent, if there is one, a space, and the tag. */
  public String text() {
    Map<String, String> carrier = new HashMap<>();
    W3CTraceContextPropagator.getInstance().inject(context, carrier, Map::put);
    return carrier.getOrDefault(TRACEPARENT, "") + ' ' + (gray ? Attachment.GRAY : "");
  }

  /** Its trace and whether it is gray; the tag itself is not in the context yet. */
  static Origin parse(String text) {
    int space = text.indexOf(' ');
    String traceparent = space < 0 ? text : text.substring(0, space);
    Context context =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), Map.of(TRACEPARENT, traceparent), GETTER);
    return new Origin(context, space >= 0 && text.substring(space + 1).equals(Attachment.GRAY));
  }
}
