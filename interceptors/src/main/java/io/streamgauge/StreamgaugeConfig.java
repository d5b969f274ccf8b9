package io.streamgauge;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/**
 * The configuration keys: what code set is overridden by the environment, and that by system
 * properties. An unknown key or a wrong value fails here, at start, and names itself.
 */
final class StreamgaugeConfig {

  static final String ENABLED = "streamgauge.enabled";
  static final String EXCLUDE = "streamgauge.exclude";

  private static final Set<String> KEYS =
      Collections.unmodifiableSet(new LinkedHashSet<>(Arrays.asList(ENABLED, EXCLUDE)));

  /** Variables with our prefix that speak to the build, not to the library. */
  private static final Set<String> NOT_OURS = Collections.singleton("STREAMGAUGE_REQUIRE_ALL");

  boolean enabled = true;

  /** Health and reflection are the tools of operators, not traffic. */
  Set<String> exclude =
      new LinkedHashSet<>(
          Arrays.asList(
              "grpc.health.v1.Health",
              "grpc.reflection.v1.ServerReflection",
              "grpc.reflection.v1alpha.ServerReflection"));

  /** Lays the environment, then the system properties, over what code set. */
  void overlay(Map<String, String> environment, Properties properties) {
    collect(environment, properties).forEach(this::set);
  }

  private static Map<String, String> collect(
      Map<String, String> environment, Properties properties) {
    Map<String, String> found = new TreeMap<>();
    for (Map.Entry<String, String> entry : environment.entrySet()) {
      if (entry.getKey().startsWith("STREAMGAUGE_") && !NOT_OURS.contains(entry.getKey())) {
        found.put(keyOf(entry.getKey()), entry.getValue());
      }
    }
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith("streamgauge.")) {
        if (!KEYS.contains(name)) {
          throw unknown(name);
        }
        found.put(name, properties.getProperty(name));
      }
    }
    return found;
  }

  private static String keyOf(String variable) {
    for (String key : KEYS) {
      if (variableOf(key).equals(variable)) {
        return key;
      }
    }
    throw unknown(variable);
  }

  static String variableOf(String key) {
    return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        name + ": unknown configuration key; known are " + String.join(", ", KEYS));
  }

  private void set(String key, String value) {
    switch (key) {
      case ENABLED:
        enabled = bool(key, value);
        break;
      case EXCLUDE:
        exclude = list(value);
        break;
      default:
        throw unknown(key);
    }
  }

  private static boolean bool(String key, String value) {
    if (value.equals("true") || value.equals("false")) {
      return value.equals("true");
    }
    throw wrong(key, value, "true or false");
  }

  private static Set<String> list(String value) {
    Map<String, Boolean> items = new LinkedHashMap<>();
    for (String item : value.split(",", -1)) {
      if (!item.trim().isEmpty()) {
        items.put(item.trim(), true);
      }
    }
    return items.keySet();
  }

  private static IllegalArgumentException wrong(String key, String value, String expected) {
    return new IllegalArgumentException(
        key + ": '" + value + "' is not valid; expected " + expected);
  }
}
