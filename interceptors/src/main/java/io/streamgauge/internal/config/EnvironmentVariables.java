package io.streamgauge.internal.config;

import io.streamgauge.internal.guard.NearestName;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * The {@code STREAMGAUGE_*} variables that are meant for us. A process does not choose all of its
 * environment: Kubernetes puts the addresses of each Service into the pods beside it ("service
 * links", Kubernetes documentation, "Environment variables" of Services), and so a Service named
 * {@code streamgauge-console} sets {@code STREAMGAUGE_CONSOLE_PORT=tcp://10.0.0.1:80}. An unknown
 * variable is therefore one warning, where an unknown system property is an error.
 */
final class EnvironmentVariables {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private static final String PREFIX = "STREAMGAUGE_";

  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "STREAMGAUGE(_[A-Z0-9_]+)?_"
              + "(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
              + "|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  private static final Pattern ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  private EnvironmentVariables() {}

  /** The name of a key as a variable: upper case, {@code .} and {@code -} as {@code _}. */
  static String nameOf(String key) {
    return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /**
   * What the environment says of the keys; warns of variables that are no key.
   *
   * @param keys the library's
   * @param others variables with our prefix that others read
   */
  static Map<String, String> of(
      Map<String, String> environment, Set<String> keys, Set<String> others) {
    Map<String, String> byName = new TreeMap<>();
    for (String key : keys) {
      byName.put(nameOf(key), key);
    }
    Map<String, String> found = new TreeMap<>();
    for (Map.Entry<String, String> variable : environment.entrySet()) {
      String name = variable.getKey();
      if (!name.startsWith(PREFIX)
          || others.contains(name)
          || ADDRESS.matcher(variable.getValue()).matches()) {
        continue;
      }
      String key = byName.get(name);
      if (key != null) {
        found.put(key, variable.getValue());
      } else if (!SERVICE_LINK.matcher(name).matches()) {
        warn(name, byName.keySet());
      }
    }
    return found;
  }

  private static void warn(String name, Set<String> known) {
    String nearest = NearestName.of(name, known);
    logger.log(
        Level.WARNING,
        "Streamgauge ignores the variable {0}{1}",
        new Object[] {name, nearest == null ? "" : "; did you mean " + nearest + "?"});
  }
}
