package io.streamgauge.javaagent.hooks;

import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.JMException;

/** What is done only where a key asks for it; failing here costs that alone. */
final class AgentOptions {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private static final String REGISTRY = "streamgauge.simpleclient";
  private static final String CONSOLE = "streamgauge.console.port";

  private AgentOptions() {}

  private static String get(String key) {
    String property = System.getProperty(key);
    if (property != null) {
      return property;
    }
    String variable = System.getenv(AgentNames.variable(key));
    // An address was put there by Kubernetes, for a Service whose name looks like our key.
    return variable == null || variable.contains("://") ? null : variable;
  }

  /** The metrics into the application's default simpleclient registry as well. */
  static void registry(StreamgaugeBuilder builder) {
    String value = get(REGISTRY);
    if (value == null || value.equals("false")) {
      return;
    }
    if (!value.equals("true")) {
      throw new IllegalArgumentException(
          REGISTRY + ": '" + value + "' is not valid; expected true or false");
    }
    try {
      AgentRegistry.use(builder);
    } catch (LinkageError e) {
      logger.log(
          Level.WARNING,
          "Streamgauge: {0}=true, but grpc''s class loader has no io.prometheus.client",
          REGISTRY);
    }
  }

  /** The open streams for {@code /api/streams}. */
  static void console(Streamgauge gauge) {
    if (get(CONSOLE) == null) {
      return;
    }
    try {
      AgentStreams.register(gauge);
    } catch (JMException | LinkageError e) {
      logger.log(Level.WARNING, "Streamgauge: no streams for the console", e);
    }
  }
}
