package io.streamgauge.javaagent.hooks;

import io.prometheus.client.CollectorRegistry;
import io.streamgauge.StreamgaugeBuilder;

/** The application's own simpleclient registry; a class of its own, which may fail to link. */
final class AgentRegistry {

  private AgentRegistry() {}

  static void use(StreamgaugeBuilder builder) {
    builder.prometheus(CollectorRegistry.defaultRegistry);
  }
}
