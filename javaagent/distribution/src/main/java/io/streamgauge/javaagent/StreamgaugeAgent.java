package io.streamgauge.javaagent;

import io.opentelemetry.javaagent.OpenTelemetryAgent;
import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.net.URISyntaxException;
import java.net.URL;
import java.security.CodeSource;
import java.util.jar.JarFile;

/**
 * The entry of the one-jar agent: OpenTelemetry's own, after a look at what would keep our
 * extension from being loaded. OpenTelemetry's agent says nothing then, or nothing that names
 * Streamgauge.
 *
 * <p>Writes to standard error: a logger made here would be made before the application's.
 */
public final class StreamgaugeAgent {

  private StreamgaugeAgent() {}

  /** Called by the JVM for {@code -javaagent}. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    look();
    OpenTelemetryAgent.premain(arguments, instrumentation);
  }

  /** Called by the JVM for an agent that is attached to it while it runs. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    look();
    OpenTelemetryAgent.agentmain(arguments, instrumentation);
  }

  private static void look() {
    try {
      String problem = problem();
      if (problem != null) {
        System.err.println("[streamgauge] WARN Streamgauge is off: " + problem);
      }
    } catch (RuntimeException | LinkageError e) {
      // What is said here must not keep the agent from starting.
      System.err.println("[streamgauge] WARN cannot look at the JVM it starts in: " + e);
    }
  }

  private static String problem() {
    CodeSource loaded = OpenTelemetryAgent.class.getProtectionDomain().getCodeSource();
    if (loaded == null || !isOurs(loaded.getLocation())) {
      return "another OpenTelemetry agent was loaded before it ("
          + (loaded == null ? "by the boot class loader" : loaded.getLocation().getPath())
          + "). Leave that one out, or give it the extension:"
          + " -Dotel.javaagent.extensions=streamgauge-javaagent-extension.jar";
    }
    String directory = System.getProperty("java.io.tmpdir");
    try {
      File probe = File.createTempFile("streamgauge", null);
      if (!probe.delete()) {
        probe.deleteOnExit();
      }
      return null;
    } catch (IOException e) {
      return "it cannot unpack its extension into java.io.tmpdir ("
          + directory
          + "): "
          + e.getMessage();
    }
  }

  /** Whether the classes of OpenTelemetry's agent come from the jar that has our extension. */
  private static boolean isOurs(URL location) {
    try (JarFile jar = new JarFile(new File(location.toURI()))) {
      return jar.getEntry("extensions/streamgauge-javaagent-extension.jar") != null;
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      return false;
    }
  }
}
