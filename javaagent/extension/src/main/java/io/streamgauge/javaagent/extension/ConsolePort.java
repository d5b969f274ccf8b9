package io.streamgauge.javaagent.extension;

import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;

/**
 * {@code /api/streams} on a loopback port, where {@code streamgauge.console.port} asks for one. It
 * is one server a process, however many class loaders have a grpc of their own; what they know
 * comes over JMX, as types of the JDK.
 */
public final class ConsolePort implements AgentListener {

  @Override
  public void afterAgent(AutoConfiguredOpenTelemetrySdk sdk) {
    int port = ExtensionKeys.consolePort();
    if (port < 0) {
      return;
    }
    ConsoleStreams.start(port);
  }
}
