package io.streamgauge.javaagent.extension;

import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The keys that speak to the agent and not to the library, read the same way: variable, then system
 * property. A wrong value is one line in the log, and the default.
 */
final class ExtensionKeys {

  static final String SPANS = "streamgauge.spans";
  private static final String PROFILE = "streamgauge.profile";
  private static final String CONSOLE_PORT = "streamgauge.console.port";

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private ExtensionKeys() {}

  /**
   * Null when not set. An address is none of our values: Kubernetes puts one into the variable
   * {@code STREAMGAUGE_CONSOLE_PORT} of pods beside a Service named streamgauge-console.
   */
  static String get(String key) {
    String property = System.getProperty(key);
    if (property != null) {
      return property;
    }
    String variable = System.getenv(key.toUpperCase(Locale.ROOT).replace('.', '_'));
    return variable == null || variable.contains("://") ? null : variable;
  }

  static boolean isLean() {
    String profile = get(PROFILE);
    if (profile != null && !profile.equals("full") && !profile.equals("lean")) {
      wrong(PROFILE, profile, "full or lean");
    }
    return "lean".equals(profile);
  }

  /** Below zero when there is to be no console. */
  static int consolePort() {
    String port = get(CONSOLE_PORT);
    if (port == null) {
      return -1;
    }
    try {
      int number = Integer.parseInt(port);
      if (number >= 0 && number <= 65_535) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    wrong(CONSOLE_PORT, port, "a port from 0 (any) to 65535");
    return -1;
  }

  private static void wrong(String key, String value, String expected) {
    logger.log(
        Level.WARNING,
        "Streamgauge: {0}: ''{1}'' is not valid; expected {2}",
        new Object[] {key, value, expected});
  }
}
