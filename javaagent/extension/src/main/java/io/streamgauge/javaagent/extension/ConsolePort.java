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
    // The JDK's server has a thread that is a daemon only if its starter is; the application's last
    // thread must be the last.
    Thread starter = new Thread(() -> new ConsoleServer().start(port), "streamgauge-console-start");
    starter.setDaemon(true);
    starter.start();
    try {
      starter.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
