package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.FlowLimitsWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** A server's limits from a file, with its reloads counted. */
public final class ServerLimits {

  private ServerLimits() {}

  /**
   * Follows a file for as long as the process lives.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException naming the key that is wrong
   */
  public static Supplier<FlowLimits> watch(Path file) throws IOException {
    return new FlowLimitsWatch(file, ServerMetrics::reloaded);
  }
}
