package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.util.function.Supplier;

/**
 * Whether a balancer should send more streams here. Asks the toolkit how many are open, so that the
 * answer is what the dashboards show; where the toolkit is an agent's, the server's own count.
 */
final class Readiness {

  private final Lifecycle lifecycle;
  private final Attachment attachment;
  private final StreamRegistry registry;
  private final OrderWriter writer;
  private final Supplier<FlowLimits> limits;

  Readiness(
      Lifecycle lifecycle,
      Attachment attachment,
      StreamRegistry registry,
      OrderWriter writer,
      Supplier<FlowLimits> limits) {
    this.lifecycle = lifecycle;
    this.attachment = attachment;
    this.registry = registry;
    this.writer = writer;
    this.limits = limits;
  }

  /** What is in the way, or null if nothing is. */
  String hindrance() {
    if (lifecycle.state() != Lifecycle.State.ACTIVE) {
      return "not active: " + lifecycle.state();
    }
    int open = attachment.openStreams().orElse(registry.size());
    if (open > limits.get().readyStreams()) {
      return "too many streams: " + open;
    }
    if (writer.backlog().isFull()) {
      return "too many updates wait: " + writer.backlog().depth();
    }
    return writer.health().hindrance();
  }
}
